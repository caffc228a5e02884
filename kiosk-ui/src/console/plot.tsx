import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Language } from "../shared/contract";
import type { Overview } from "./overview";
import { console_text } from "./words";

const kHeight = 260;

const dates = {
    fr: [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
    en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};

const points = (series: Overview["series"]): UPlot.AlignedData => [
    series.map((one) => one.t / 1000),
    series.map((one) => one.records),
    series.map((one) => one.views),
    series.map((one) => one.clicks),
];

function options(width: number, language: Language): UPlot.Options {
    const words = console_text(language);
    const date = (_self: UPlot, splits: number[]) =>
        splits.map((at) => {
            const time = new Date(at * 1000);
            if (time.getHours() === 0 && time.getMinutes() === 0)
                return `${time.getDate()} ${dates[language][time.getMonth()] ?? ""}`;
            return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
        });
    const axis = {
        font: '13px "Figtree", sans-serif',
        stroke: "#67503f",
        grid: { stroke: "#e9dec9", width: 1 },
        ticks: { stroke: "#dccdb4", width: 1 },
    };
    // Told apart by dash and width as well as by colour.
    return {
        width,
        height: kHeight,
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        scales: { y: { range: (_self, _min, max) => [0, Math.max(4, max * 1.08)] } },
        axes: [
            { ...axis, values: date },
            { ...axis, size: 52 },
        ],
        series: [
            {
                label: words.time,
                value: (_self, at) =>
                    at === null
                        ? ""
                        : new Date(at * 1000).toLocaleTimeString(language, {
                              hour: "2-digit",
                              minute: "2-digit",
                          }),
            },
            { label: words.records, stroke: "#ae331d", width: 2.5, fill: "rgba(174,51,29,.09)" },
            { label: words.views, stroke: "#36566d", width: 2, dash: [8, 5] },
            { label: words.clicks, stroke: "#4f5d2a", width: 2, dash: [2, 4] },
        ],
    };
}

/** Records, views and clicks over time. The tables below say the same in figures. */
export function Plot({ series, language }: { series: Overview["series"]; language: Language }) {
    const home = useRef<HTMLDivElement>(null);
    const plot = useRef<UPlot | null>(null);
    useEffect(() => {
        const element = home.current;
        if (!element) return;
        const made = new UPlot(
            options(element.clientWidth || 600, language),
            points(series),
            element,
        );
        plot.current = made;
        const watch = new ResizeObserver(() =>
            made.setSize({ width: element.clientWidth, height: kHeight }),
        );
        watch.observe(element);
        return () => {
            watch.disconnect();
            made.destroy();
            plot.current = null;
        };
    }, [language]);
    useEffect(() => plot.current?.setData(points(series)), [series]);
    return <div class="plot" ref={home} role="img" aria-label={console_text(language).activity} />;
}
