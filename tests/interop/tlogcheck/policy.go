package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A witness verifies cosignatures (signature type 0x04) within sumdb/note.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(data) != 1+ed25519.PublicKeySize || data[0] != 0x04 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return nil, errors.New("the key has another id")
	}
	return &witness{parts[0], binary.BigEndian.Uint32(sum[:4]), data[1:]}, nil
}

// A policy is a C2SP tlog-policy: it knows the log from elsewhere and reads the rest.
type policy struct {
	log       note.Verifier
	witnesses map[string]*witness
	groups    map[string]group
	quorum    string
}

type group struct {
	threshold int
	members   []string
}

func parsePolicy(text string, log note.Verifier) (*policy, error) {
	p := &policy{log: log, witnesses: map[string]*witness{}, groups: map[string]group{}}
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#") || words[0] == "log":
		case words[0] == "witness" && len(words) >= 3:
			one, err := newWitness(words[2])
			if err != nil {
				return nil, err
			}
			p.witnesses[words[1]] = one
		case words[0] == "group" && len(words) >= 4:
			members := words[3:]
			threshold := map[string]int{"any": 1, "all": len(members)}[words[2]]
			if threshold == 0 {
				threshold, _ = strconv.Atoi(words[2])
			}
			if threshold < 1 || threshold > len(members) {
				return nil, fmt.Errorf("not a group: %q", line)
			}
			p.groups[words[1]] = group{threshold, members}
		case words[0] == "quorum" && len(words) == 2 && p.quorum == "":
			p.quorum = words[1]
		default:
			return nil, fmt.Errorf("not a line of a policy: %q", line)
		}
	}
	if p.quorum == "" {
		return nil, errors.New("no quorum")
	}
	return p, nil
}

func (p *policy) verifiers() note.Verifiers {
	all := []note.Verifier{p.log}
	for _, one := range p.witnesses {
		all = append(all, one)
	}
	return note.VerifierList(all...)
}

// check asks for the log's signature and the quorum's among those that note.Open has verified.
func (p *policy) check(opened *note.Note) error {
	signed := map[string]bool{}
	byLog := false
	for _, sig := range opened.Sigs {
		byLog = byLog || sig.Name == p.log.Name() && sig.Hash == p.log.KeyHash()
		for name, one := range p.witnesses {
			if sig.Name == one.name && sig.Hash == one.hash {
				signed[name] = true
			}
		}
	}
	if !byLog {
		return errors.New("not signed by the log")
	}
	if p.quorum != "none" && !p.met(p.quorum, signed) {
		return fmt.Errorf("the quorum %s is not met", p.quorum)
	}
	return nil
}

func (p *policy) met(name string, signed map[string]bool) bool {
	g, isGroup := p.groups[name]
	if !isGroup {
		return signed[name]
	}
	have := 0
	for _, member := range g.members {
		if p.met(member, signed) {
			have++
		}
	}
	return have >= g.threshold
}
