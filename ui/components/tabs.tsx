// The row of tabs at the top: arrow keys move, as the pattern for tabs asks.

export interface TabsProps<T extends string> {
  value: T;
  tabs: readonly { value: T; label: string; note?: string | null }[];
  onChange(value: T): void;
}

export function Tabs<T extends string>({ value, tabs, onChange }: TabsProps<T>) {
  function move(event: KeyboardEvent, from: number): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (from + step + tabs.length) % tabs.length;
    onChange((tabs[next] as { value: T }).value);
    const list = (event.currentTarget as HTMLElement).parentElement as HTMLElement;
    (list.children[next] as HTMLElement).focus();
  }
  return (
    <div class="tabs" role="tablist" aria-label="Impasto">
      {tabs.map((tab, index) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          id={`tab-${tab.value}`}
          aria-selected={tab.value === value}
          aria-controls="tab-panel"
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
          onKeyDown={(event) => move(event, index)}
        >
          {tab.label}
          {tab.note && <span class="tab-note">{tab.note}</span>}
        </button>
      ))}
    </div>
  );
}
