// Before a run: colors, quality, size, strokes, what it will cost, and Stylize.

import { qualitiesOf, SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { Button } from "../components/button.tsx";
import { NumberField } from "../components/number-field.tsx";
import { Segmented } from "../components/segmented.tsx";
import type { Panel } from "../state/panel.ts";
import { bytes, duration, inputProblemWords, liveWords, TEXTS } from "../texts.ts";
import { MoreSettings } from "./more-settings.tsx";
import { SettingNumber } from "./setting-number.tsx";

const COLOR_CHOICES = ["style", "keep"] as const;

export function SetupBlock({ panel }: { panel: Panel }) {
  const settings = panel.settings.value;
  const { size } = SETTINGS;
  const { fits = true, largestSize = size.max } = panel.plan.value ?? {};
  const tooLarge = !fits && panel.canStylize.value;
  const hasFailed = panel.live.state.value.kind === "failed";
  const restyle = panel.inputs.recipe.value !== null;
  return (
    <>
      <Segmented
        label={TEXTS.colors}
        value={settings.colors === "style" ? "style" : "keep"}
        choices={COLOR_CHOICES.map((value) => ({ value, label: TEXTS.colorChoices[value] }))}
        onChange={(value) => panel.setSetting("colors", value)}
      />
      <Segmented
        label={TEXTS.quality}
        value={settings.quality}
        choices={qualityChoices(panel).map((value) => ({ value, label: TEXTS.qualityChoices[value] }))}
        onChange={(value) => panel.setSetting("quality", value)}
      />
      <div class="row two">
        <NumberField
          label={TEXTS.size}
          value={settings.size}
          placeholder={TEXTS.auto}
          min={size.min}
          max={size.max}
          step={size.step}
          unit={size.unit}
          onChange={(value) => panel.setSetting("size", value)}
        />
        <SettingNumber panel={panel} name="styleScale" label={TEXTS.strokes} unit="×" />
      </div>
      <MoreSettings panel={panel} />
      <p class={tooLarge ? "cost warn" : "cost"} id="cost" aria-live="polite">
        <LiveNote panel={panel} />
        {/* There is room for two lines, and what went wrong may need both. */}
        {!(hasFailed && panel.canStylize.value && !tooLarge) && <span>{costWords(panel)}</span>}
      </p>
      <Button
        kind="primary"
        wide
        isDefault
        disabled={restyle ? false : !panel.canStylize.value}
        describedBy="cost"
        onClick={() => {
          if (tooLarge) panel.setSetting("size", largestSize);
          void (restyle ? panel.restyleSelected() : panel.run.start());
        }}
      >
        {restyle ? TEXTS.restyle : tooLarge ? TEXTS.stylizeAt(largestSize) : TEXTS.stylize}
      </Button>
    </>
  );
}

/** Why there is no live preview, said softly: it stands in nobody's way. */
function LiveNote({ panel }: { panel: Panel }) {
  const state = panel.live.state.value;
  const words = liveWords(state);
  return words === null ? null : (
    <span class={state.kind === "failed" ? "live-note failed" : "live-note"} title={words}>
      {words}
    </span>
  );
}

/** What the engine offers, and what is set even so: a stored style or a result may bring it along. */
function qualityChoices({ capabilities, settings }: Panel): Settings["quality"][] {
  const offered = qualitiesOf(capabilities.value?.methods ?? ["optimize"]);
  const { quality } = settings.value;
  return SETTINGS.quality.choices.filter((choice) => offered.includes(choice) || choice === quality);
}

/** Why it can not start, or what it will cost. */
function costWords({ inputs, plan }: Panel): string {
  if (inputs.recipe.value !== null) return `${inputs.recipe.value.contentName} / ${inputs.recipe.value.styleName}`;
  const problem = inputs.problem.value;
  if (problem !== null) return inputProblemWords(problem);
  const cost = plan.value;
  if (cost === null) return " ";
  if (!cost.fits) return `Needs ${bytes(cost.peakBytes)} of memory; up to ${cost.largestSize} px fits.`;
  const inTiles = cost.scales.some(({ tile }) => tile > 0) ? ", in tiles" : "";
  return `${cost.width} × ${cost.height} px, about ${duration(cost.seconds)}, ${bytes(cost.peakBytes)} of memory${inTiles}`;
}
