import type { IconNode } from 'lucide'
import { h } from 'preact'

/** Decoration beside words, never instead of them. The size follows the text. */
export function Icon({ node, size = '1.2em' }: { node: IconNode; size?: string }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {node.map(([tag, attributes]) => h(tag, attributes as Record<string, string>))}
    </svg>
  )
}
