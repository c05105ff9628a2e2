// Measures a page by the rules that tests/web/elder.py names: what falls short, told by element,
// and the figures that are worth printing. Evaluated in the page.
({ least, smallest }) => {
  const faults = []
  const style = (e) => getComputedStyle(e)
  const size = (e) => parseFloat(style(e).fontSize)
  const lineHeight = (e) => parseFloat(style(e).lineHeight)
  const called = (e) =>
    `<${e.tagName.toLowerCase()}> ${(e.ariaLabel ?? e.textContent ?? '').trim().slice(0, 30)}`
  const shown = (e) =>
    e.getClientRects().length > 0 &&
    style(e).visibility === 'visible' &&
    !e.closest('.unseen, .skip, svg, [aria-hidden=true]')
  const all = (selector) => [...document.body.querySelectorAll(selector)].filter(shown)
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
  const isControl = (e) =>
    /^(INPUT|SELECT|TEXTAREA)$/.test(e.tagName) && !/^(checkbox|radio)$/.test(e.type)
  const low = (rule, e, value, wanted) => {
    if (value < wanted - 0.05) faults.push(`${rule} ${value.toFixed(2)} < ${wanted}: ${called(e)}`)
    return value
  }

  const texts = all('*').filter((e) => own(e) || isControl(e))
  for (const e of texts) low('text', e, size(e), e.closest('main') ? least : smallest)
  const leading = texts
    .filter(own)
    .map((e) => low('lines', e, lineHeight(e) / size(e), 1.3))

  for (const e of all('p + p')) {
    const above = e.previousElementSibling
    const gap = e.getBoundingClientRect().top - above.getBoundingClientRect().bottom
    // One beside the other is no paragraph after another.
    if (shown(above) && gap > -1) low('paragraphs', e, gap, 1.3 * (lineHeight(e) - size(e)))
  }

  // A link within a line of text is as high as the line.
  const targets = all('a[href], button, summary, input, select, textarea').filter(
    (e) => style(e).display !== 'inline',
  )
  const target = targets.map((e) => {
    const box = /^(checkbox|radio)$/.test(e.type) ? e.closest('label') : e
    const { width, height } = box.getBoundingClientRect()
    return low('target', e, Math.min(width, height), 60)
  })

  const parts = (colour) => colour.match(/[\d.]+/g).map(Number)
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((v) => linear(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = style(at).backgroundColor
      if (parts(colour)[3] !== 0) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const contrast = texts.map((e) => {
    const [a, b] = [light(style(e).color), light(ground(e))]
    const isLarge = size(e) >= 24 || (size(e) >= 18.66 && Number(style(e).fontWeight) >= 700)
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    return low('contrast', e, ratio, isLarge ? 3 : 4.5)
  })

  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) faults.push(`wider than the screen: ${wide} > ${innerWidth}`)
  const min = (values) => Math.min(...values)
  return {
    faults,
    text: min(texts.filter((e) => e.closest('main')).map(size)),
    leading: min(leading),
    target: min(target),
    contrast: min(contrast),
    largest: Math.max(...texts.map(size)),
  }
}
