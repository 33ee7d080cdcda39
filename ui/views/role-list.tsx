// The layers of a picture that is made of more than two, each with what it is for: to be changed in place.

import { isMask, type Role } from "../../companion/protocol/host/roles.ts";
import { IconButton } from "../components/button.tsx";
import { Picture } from "../components/picture.tsx";
import { SelectField } from "../components/select.tsx";
import type { RoleRow } from "../state/inputs.ts";
import type { Panel } from "../state/panel.ts";
import { roleWords, TEXTS } from "../texts.ts";
import { StageTools } from "./stage-tools.tsx";

export function RoleList({ panel }: { panel: Panel }) {
  return (
    <section class="roles" aria-label={TEXTS.layers}>
      <header>
        <h2>{TEXTS.layers}</h2>
        <IconButton
          icon="brush"
          label={TEXTS.pickStyle}
          disabled={panel.run.phase.value !== "idle"}
          onClick={() => {
            panel.pickingStyle.value = true;
          }}
        />
        <StageTools panel={panel} />
      </header>
      <RoleRows panel={panel} />
    </section>
  );
}

export function RoleRows({ panel }: { panel: Panel }) {
  const { rows, styles } = panel.inputs;
  const idle = panel.run.phase.value === "idle";
  return (
    <ul>
      {rows.value.map((row) => (
        <Row key={row.id} panel={panel} row={row} styles={styles.value.map(({ id }) => id)} disabled={!idle} />
      ))}
    </ul>
  );
}

interface RowProps {
  panel: Panel;
  row: RoleRow;
  /** Ids of the styles, in their order. */
  styles: readonly string[];
  disabled: boolean;
}

function Row({ panel, row, styles, disabled }: RowProps) {
  const { id, name, thumbnail, role, layerId } = row;
  const choices = choicesFor(styles.length);
  const shown = withStyleWithin(role, styles.length);
  return (
    <li class="role-row">
      <span class={isMask(role) ? "batch-thumb whole" : "batch-thumb"}>
        {thumbnail && <Picture key={id} bytes={thumbnail} label="" />}
      </span>
      <span class="batch-name" title={name}>
        {name}
      </span>
      {layerId === null ? (
        <span class="role-fixed">{words(role, id, styles)}</span>
      ) : (
        <SelectField
          label={TEXTS.roleOf(name)}
          value={keyOf(shown)}
          disabled={disabled}
          options={choices.map((choice) => ({
            value: keyOf(choice),
            label: choice.kind === role.kind ? words(choice, id, styles) : roleWords(choice, styles.length),
          }))}
          onChange={(key) => {
            const chosen = choices.find((choice) => keyOf(choice) === key);
            if (chosen !== undefined) panel.inputs.setRole(layerId, chosen);
          }}
        />
      )}
    </li>
  );
}

/** "Style 2": the number that its masks name it by. */
function words(role: Role, id: string, styles: readonly string[]): string {
  const numbered = role.kind === "style" && styles.length > 1 && styles.includes(id);
  return numbered ? `Style ${styles.indexOf(id) + 1}` : roleWords(role, styles.length);
}

function choicesFor(styles: number): Role[] {
  const each = Array.from({ length: Math.max(1, styles) }, (_, style) => style);
  return [
    { kind: "content" },
    { kind: "style" },
    ...each.map((style) => ({ kind: "region" as const, style })),
    ...each.map((style) => ({ kind: "source" as const, style })),
    { kind: "protect" },
    { kind: "unused" },
  ];
}

/** A mask of a style that is gone belongs to the last one. */
function withStyleWithin(role: Role, styles: number): Role {
  return "style" in role ? { ...role, style: Math.min(role.style, Math.max(0, styles - 1)) } : role;
}

function keyOf(role: Role): string {
  return "style" in role ? `${role.kind} ${role.style}` : role.kind;
}
