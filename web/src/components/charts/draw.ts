/** ECharts with just the parts that are drawn here. This file is a chunk of its own, loaded late. */

import { BarChart, LineChart, SankeyChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

import type { ChartData } from './data'

use([BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

/** Told apart by lightness as well as by colour. */
const COLOURS = ['#0b5d3b', '#c98a1b', '#1d4f91', '#8c4a86', '#5f9f80', '#a33c2c']

/** Pixels of a phone held upright. */
const NARROW = 480

export function draw(box: HTMLElement, data: ChartData): ECharts {
  const chart = init(box, undefined, { renderer: 'svg' })
  chart.setOption(data.kind === 'sankey' ? sankey(data, box.clientWidth < NARROW) : axes(data), true)
  return emptiedPlainly(chart, box)
}

/** The painter would empty its box by markup, which the page forbids: it is emptied before. */
function emptiedPlainly(chart: ECharts, box: HTMLElement): ECharts {
  const dispose = chart.dispose.bind(chart)
  chart.dispose = () => {
    Object.assign(chart.getZr().painter, { root: undefined, clear: () => undefined })
    box.replaceChildren()
    dispose()
  }
  return chart
}

function common(data: ChartData) {
  const style = getComputedStyle(document.body)
  return {
    color: COLOURS,
    animation: false,
    textStyle: { fontFamily: style.fontFamily, fontSize: parseFloat(style.fontSize) * 0.875, color: style.color },
    aria: { enabled: true, label: { description: data.caption } },
    // Not HTML: the page allows no markup that is made from text.
    tooltip: { renderMode: 'richText' as const, confine: true },
  }
}

function axes(data: Extract<ChartData, { kind: 'bar' | 'line' }>) {
  return {
    ...common(data),
    grid: { left: 8, right: 16, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    ...(data.series.length > 1 ? { legend: { top: 0 } } : {}),
    xAxis: { type: 'category' as const, data: data.names, axisLabel: { interval: 0, hideOverlap: true } },
    // The unit stands in the caption; above the axis it would be cut off.
    yAxis: { type: 'value' as const },
    series: data.series.map(({ name, values }) => ({
      name,
      type: data.kind,
      data: values.map(plotted),
      barMaxWidth: 48,
    })),
  }
}

function sankey(data: Extract<ChartData, { kind: 'sankey' }>, narrow: boolean) {
  const names = [...new Set(data.flows.flatMap(({ from, to }) => [from, to]))]
  return {
    ...common(data),
    series: [
      {
        type: 'sankey' as const,
        left: 8,
        right: narrow ? 76 : 120,
        nodeGap: 16,
        emphasis: { focus: 'adjacency' as const },
        lineStyle: { color: 'gradient' as const, opacity: 0.4 },
        label: {
          color: common(data).textStyle.color,
          textBorderColor: '#fff',
          textBorderWidth: 2,
          // On a phone the names of neighbours would cover each other if they stood on one line.
          ...(narrow ? { formatter: ({ name }: { name: string }) => name.replaceAll(' ', '\n') } : {}),
        },
        data: names.map((name, i) => ({ name, itemStyle: { color: COLOURS[i % COLOURS.length]! } })),
        links: data.flows.map(({ from, to, value }) => ({ source: from, target: to, value: plotted(value) })),
      },
    ],
  }
}

/** Where a figure is drawn. Exact figures stand in the table beneath. */
function plotted(value: string): number {
  return Number(value)
}
