import type { ComponentChildren } from "preact";

/** Headings with the class of their column, and rows. */
export function Table({
    head,
    label,
    kind,
    children,
}: {
    head: [string, string?][];
    /** Its name, where its section has more than one. */
    label?: string;
    kind?: string;
    children: ComponentChildren;
}) {
    return (
        <div class={kind ? `table ${kind}` : "table"}>
            <table aria-label={label}>
                <thead>
                    <tr>
                        {head.map(([label, kind]) => (
                            <th key={label} scope="col" class={kind}>
                                {label}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>{children}</tbody>
            </table>
        </div>
    );
}
