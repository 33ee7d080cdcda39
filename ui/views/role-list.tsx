// The layers of a picture that is made of more than two, each with what it is for: to be changed in place.

import { isMask, type Role } from "../../companion/protocol/host/roles.ts";
import { STYLE_USES, type StyleUse } from "../../companion/protocol/style-uses.ts";
import { IconButton } from "../components/button.tsx";
import { Picture } from "../components/picture.tsx";
import { SelectField } from "../components/select.tsx";
import type { RoleRow } from "../state/inputs.ts";
import type { Panel } from "../state/panel.ts";
import { roleWords, TEXTS, useWords } from "../texts.ts";
import { StageTools } from "./stage-tools.tsx";

export function RoleList({ panel }: { panel: Panel }) {
  return (
    <section class="roles" aria-label={TEXTS.layers}>
      <header>
        <h2>{TEXTS.layers}</h2>
        <IconButton
          icon="brush"
          label={TEXTS.pickStyle}
          shortcut="pickStyle"
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
  const { id, name, thumbnail, role, use, layerId } = row;
  const choices = layerId === null ? styleChoices(styles.length) : choicesFor(styles.length);
  const shown = { role: withStyleWithin(role, styles.length), use };
  return (
    <li class="role-row">
      <span class={isMask(role) ? "batch-thumb whole" : "batch-thumb"}>
        {thumbnail && <Picture key={id} bytes={thumbnail} label="" />}
      </span>
      <span class="batch-name" title={name}>
        {name}
      </span>
      {choices.length === 1 ? (
        <span class="role-fixed">{words(shown, id, styles)}</span>
      ) : (
        <SelectField
          label={TEXTS.roleOf(name)}
          value={keyOf(shown)}
          disabled={disabled}
          options={choices.map((choice) => ({
            value: keyOf(choice),
            label: words(choice, choice.role.kind === role.kind ? id : null, styles),
          }))}
          onChange={(key) => {
            const chosen = choices.find((choice) => keyOf(choice) === key);
            if (chosen === undefined) return;
            if (layerId !== null) panel.inputs.setRole(layerId, chosen.role);
            panel.inputs.setUse(id, chosen.use);
          }}
        />
      )}
    </li>
  );
}

/** "Style 2": the number that its masks name it by; `id`: of the style that has one already. */
function words({ role, use }: Choice, id: string | null, styles: readonly string[]): string {
  const number = id !== null && styles.length > 1 && styles.includes(id) ? styles.indexOf(id) + 1 : null;
  if (use !== null) return useWords(use, number);
  return role.kind === "style" && number !== null ? `Style ${number}` : roleWords(role, styles.length);
}

/** A role, and of a style what of it counts. */
interface Choice {
  role: Role;
  use: StyleUse | null;
}

/** One style alone counts as a whole. */
function styleChoices(styles: number): Choice[] {
  const uses = styles > 1 ? STYLE_USES : [];
  return [null, ...uses].map((use) => ({ role: { kind: "style" }, use }));
}

function choicesFor(styles: number): Choice[] {
  const each = Array.from({ length: Math.max(1, styles) }, (_, style) => style);
  const whole = (role: Role): Choice => ({ role, use: null });
  return [
    whole({ kind: "content" }),
    ...styleChoices(styles),
    ...each.map((style) => whole({ kind: "region", style })),
    ...each.map((style) => whole({ kind: "source", style })),
    whole({ kind: "protect" }),
    whole({ kind: "unused" }),
  ];
}

/** A mask of a style that is gone belongs to the last one. */
function withStyleWithin(role: Role, styles: number): Role {
  return "style" in role ? { ...role, style: Math.min(role.style, Math.max(0, styles - 1)) } : role;
}

function keyOf({ role, use }: Choice): string {
  return "style" in role ? `${role.kind} ${role.style}` : `${role.kind} ${use ?? ""}`;
}
