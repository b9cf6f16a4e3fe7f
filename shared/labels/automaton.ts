/**
 * Aho-Corasick over UTF-16 codes: finds every pattern in one pass, in time that does not depend on the patterns.
 * Transitions lie in one open-addressed table, because a map per node costs ten times the memory and start-up.
 */
export interface Automaton {
  /** Calls `found(pattern, end)` for every occurrence; `end` is exclusive. */
  scan(codes: Uint16Array, length: number, found: (pattern: number, end: number) => void): void
}

export function buildAutomaton(patterns: readonly Uint16Array[]): Automaton {
  const alphabet = new Uint16Array(65536)
  let letters = 1
  let nodesAtMost = 1
  for (const pattern of patterns) {
    nodesAtMost += pattern.length
    for (const code of pattern) if (alphabet[code] === 0) alphabet[code] = letters++
  }
  let slots = 1024
  while (slots < nodesAtMost * 2) slots *= 2
  const mask = slots - 1
  const keys = new Int32Array(slots).fill(-1)
  const targets = new Int32Array(slots)
  const slotOf = (key: number): number => {
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }
  const step = (node: number, letter: number): number => {
    const slot = slotOf(node * letters + letter)
    return keys[slot] === -1 ? -1 : targets[slot]!
  }

  // Nodes in order of creation per parent; children are remembered as linked lists for the breadth-first pass.
  const firstChild = new Int32Array(nodesAtMost).fill(-1)
  const nextSibling = new Int32Array(nodesAtMost).fill(-1)
  const letterOf = new Int32Array(nodesAtMost)
  const ends: number[][] = []
  let nodes = 1
  patterns.forEach((pattern, index) => {
    let node = 0
    for (const code of pattern) {
      const letter = alphabet[code]!
      const slot = slotOf(node * letters + letter)
      if (keys[slot] === -1) {
        keys[slot] = node * letters + letter
        targets[slot] = nodes
        letterOf[nodes] = letter
        nextSibling[nodes] = firstChild[node]!
        firstChild[node] = nodes++
      }
      node = targets[slot]!
    }
    const here = ends[node]
    if (here) here.push(index)
    else if (node !== 0) ends[node] = [index]
  })

  const fail = new Int32Array(nodes)
  /** Nearest node on the failure path that ends a pattern. */
  const report = new Int32Array(nodes)
  const queue = new Int32Array(nodes)
  let tail = 1
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!
    for (let child = firstChild[node]!; child !== -1; child = nextSibling[child]!) {
      queue[tail++] = child
      let back = fail[node]!
      let next = node === 0 ? 0 : step(back, letterOf[child]!)
      while (next === -1 && back !== 0) {
        back = fail[back]!
        next = step(back, letterOf[child]!)
      }
      fail[child] = next === -1 ? 0 : next
      report[child] = ends[fail[child]!] ? fail[child]! : report[fail[child]!]!
    }
  }

  return {
    scan(codes, length, found) {
      let node = 0
      for (let i = 0; i < length; i++) {
        const letter = alphabet[codes[i]!]!
        if (letter === 0) {
          node = 0
          continue
        }
        let next = step(node, letter)
        while (next === -1 && node !== 0) {
          node = fail[node]!
          next = step(node, letter)
        }
        node = next === -1 ? 0 : next
        for (let at = ends[node] ? node : report[node]!; at !== 0; at = report[at]!) {
          for (const pattern of ends[at]!) found(pattern, i + 1)
        }
      }
    },
  }
}
