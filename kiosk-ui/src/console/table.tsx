import type { ComponentChildren } from "preact";

/** Headings with the class of their column, and rows. */
export function Table({
    head,
    children,
}: {
    head: [string, string?][];
    children: ComponentChildren;
}) {
    return (
        <div class="table">
            <table>
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
