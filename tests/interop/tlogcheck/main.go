// Tlogcheck checks published logs with Go's own sumdb/note and sumdb/tlog, sharing no code with
// the project:
//
//	tlogcheck FOLDER...
//
// A folder holds checkpoint, vkey, policy, tile/..., and may hold proof/NAME with proof/NAME.entry
// (a .tlog-proof and the entry that its holder keeps), consistency/NAME (add-checkpoint bodies)
// and remembered/NAME (checkpoints seen earlier). The tree is rebuilt from the entries; nothing is
// taken from a tile that was not computed here. (tlog.TileHashReader is not used: versions before
// x/mod 0.40.0 leave some tiles unauthenticated, CVE-2026-56865.)
//
// One line of JSON per folder says {"folder": ..., "error": ...}, with an empty error for a good one.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// A head is the checkpoint's text as C2SP defines it; tlog.ParseTree reads sum.golang.org's only.
type head struct {
	size int64
	root tlog.Hash
}

// A published log as one folder holds it.
type folder struct {
	path    string
	origin  string
	policy  *policy
	entries [][]byte
	hashes  []tlog.Hash
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		message := ""
		if err := check(path); err != nil {
			message = err.Error()
		}
		if err := out.Encode(map[string]string{"folder": path, "error": message}); err != nil {
			panic(err)
		}
	}
}

func check(path string) error {
	f := &folder{path: path}
	vkey, err := os.ReadFile(filepath.Join(path, "vkey"))
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return fmt.Errorf("vkey: %w", err)
	}
	f.origin = log.Name()
	text, err := os.ReadFile(filepath.Join(path, "policy"))
	if err != nil {
		return err
	}
	if f.policy, err = parsePolicy(string(text), log); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	message, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	if err != nil {
		return err
	}
	newest, err := f.open(message)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	for _, step := range []func(head) error{
		f.rebuild, f.checkTiles, f.checkRemembered, f.checkProofs, f.checkGrowth,
	} {
		if err := step(newest); err != nil {
			return err
		}
	}
	return nil
}

// open verifies a checkpoint's log signature and cosignatures and reads its three lines.
func (f *folder) open(message []byte) (head, error) {
	opened, err := note.Open(message, f.policy.verifiers())
	if err != nil {
		return head{}, err
	}
	if err := f.policy.check(opened); err != nil {
		return head{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != f.origin {
		return head{}, errors.New("not a checkpoint of this log")
	}
	size, err := number(lines[1])
	if err != nil {
		return head{}, err
	}
	root, err := hash(lines[2])
	return head{size, root}, err
}

// rebuild reads all entries and computes every hash of the tree from them.
func (f *folder) rebuild(newest head) error {
	for n := int64(0); n*width < newest.size; n++ {
		name := tlog.Tile{H: height, L: -1, N: n, W: count(newest.size - n*width)}.Path()
		name = strings.Replace(name, "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		entries, err := split(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(entries) != count(newest.size-n*width) {
			return fmt.Errorf("%s: %d entries", name, len(entries))
		}
		for _, entry := range entries {
			more, err := tlog.StoredHashes(int64(len(f.entries)), entry, f.reader())
			if err != nil {
				return err
			}
			f.hashes = append(f.hashes, more...)
			f.entries = append(f.entries, entry)
		}
	}
	root, err := f.root(newest.size)
	if err != nil {
		return err
	}
	if root != newest.root {
		return fmt.Errorf("the entries do not hash to the root of the checkpoint of %d", newest.size)
	}
	return nil
}

func (f *folder) root(size int64) (tlog.Hash, error) {
	if size == 0 {
		return hash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") // SHA-256 of nothing
	}
	if size > int64(len(f.entries)) {
		return tlog.Hash{}, fmt.Errorf("the log has fewer than %d entries", size)
	}
	return tlog.TreeHash(size, f.reader())
}

func (f *folder) reader() tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = f.hashes[index]
		}
		return found, nil
	}
}

// checkTiles compares every hash tile that a log of this size has with the rebuilt tree.
func (f *folder) checkTiles(newest head) error {
	for level := 0; newest.size>>(height*level) > 0; level++ {
		have := newest.size >> (height * level)
		for n := int64(0); n*width < have; n++ {
			tile := tlog.Tile{H: height, L: level, N: n, W: count(have - n*width)}
			want, err := tlog.ReadTileData(tile, f.reader())
			if err != nil {
				return err
			}
			name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			data, err := os.ReadFile(filepath.Join(f.path, filepath.FromSlash(name)))
			if err != nil {
				return err
			}
			if !bytes.Equal(data, want) {
				return fmt.Errorf("%s is not what its entries hash to", name)
			}
		}
	}
	return nil
}

// checkRemembered holds the log to what it once signed.
func (f *folder) checkRemembered(newest head) error {
	return f.each("remembered", func(name string, data []byte) error {
		seen, err := f.open(data)
		if err != nil {
			return err
		}
		if seen.size > newest.size {
			return fmt.Errorf("%d entries were seen, %d are left", seen.size, newest.size)
		}
		root, err := f.root(seen.size)
		if err == nil && root != seen.root {
			err = fmt.Errorf("the first %d entries are not those that were seen", seen.size)
		}
		return err
	})
}

func (f *folder) checkProofs(head) error {
	return f.each("proof", func(name string, data []byte) error {
		if strings.HasSuffix(name, ".entry") {
			return nil
		}
		lines, message, err := parts(data)
		if err != nil {
			return err
		}
		if lines[0] != "c2sp.org/tlog-proof@v1" {
			return errors.New("not a .tlog-proof")
		}
		lines = lines[1:]
		if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
			lines = lines[1:]
		}
		index, lines, err := field("index ", lines)
		if err != nil {
			return err
		}
		hashes, err := parseHashes(lines)
		if err != nil {
			return err
		}
		tree, err := f.open(message)
		if err != nil {
			return err
		}
		entry, err := os.ReadFile(filepath.Join(f.path, "proof", name+".entry"))
		if err != nil {
			return err
		}
		return tlog.CheckRecord(hashes, tree.size, tree.root, index, tlog.RecordHash(entry))
	})
}

func (f *folder) checkGrowth(head) error {
	return f.each("consistency", func(name string, data []byte) error {
		lines, message, err := parts(data)
		if err != nil {
			return err
		}
		old, lines, err := field("old ", lines)
		if err != nil {
			return err
		}
		hashes, err := parseHashes(lines)
		if err != nil {
			return err
		}
		tree, err := f.open(message)
		if err != nil {
			return err
		}
		root, err := f.root(old)
		if err != nil {
			return err
		}
		if old == 0 || old == tree.size {
			if len(hashes) > 0 || (old == tree.size && root != tree.root) {
				return errors.New("nothing needs a proof here, or the log has forked")
			}
			return nil
		}
		return tlog.CheckTree(tlog.TreeProof(hashes), tree.size, tree.root, old, root)
	})
}

func (f *folder) each(kind string, do func(name string, data []byte) error) error {
	files, err := os.ReadDir(filepath.Join(f.path, kind))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(f.path, kind, file.Name()))
		if err == nil {
			err = do(file.Name(), data)
		}
		if err != nil {
			return fmt.Errorf("%s/%s: %w", kind, file.Name(), err)
		}
	}
	return nil
}

func count(left int64) int {
	if left > width {
		return width
	}
	return int(left)
}

func split(data []byte) (entries [][]byte, err error) {
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the bundle ends within an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	return entries, nil
}

func parts(data []byte) (lines []string, message []byte, err error) {
	top, message, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return nil, nil, errors.New("no checkpoint below an empty line")
	}
	return strings.Split(string(top), "\n"), message, nil
}

func field(name string, lines []string) (int64, []string, error) {
	if len(lines) == 0 || !strings.HasPrefix(lines[0], name) {
		return 0, nil, fmt.Errorf("no line %q", name)
	}
	value, err := number(strings.TrimPrefix(lines[0], name))
	return value, lines[1:], err
}

func number(text string) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 || strconv.FormatInt(value, 10) != text {
		return 0, fmt.Errorf("not a number: %q", text)
	}
	return value, nil
}

func hash(text string) (found tlog.Hash, err error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != tlog.HashSize {
		return found, fmt.Errorf("not a hash: %q", text)
	}
	copy(found[:], data)
	return found, nil
}

func parseHashes(lines []string) (found []tlog.Hash, err error) {
	for _, line := range lines {
		one, err := hash(line)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}
