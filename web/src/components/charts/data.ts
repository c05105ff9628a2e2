/** What a chart shows: figures as decimal strings, exact in the table and drawn to the pixel. */

export type ChartData =
  | {
      kind: 'bar' | 'line'
      /** What it shows, in a sentence; read out, and the caption of the table. */
      caption: string
      unit: string
      names: string[]
      series: { name: string; values: string[] }[]
    }
  | {
      kind: 'sankey'
      caption: string
      unit: string
      /** A name may not stand on both sides: flows go one way, from left to right. */
      flows: { from: string; to: string; value: string }[]
    }
