// What a person double-clicks in an unpacked bundle. Without arguments: the companion, its page, and a code for a
// panel; with arguments: the command line. Each says what to do when it stands alone, as it does inside an unopened zip.

const ALONE = "Impasto's other files are not here. Unpack the whole zip first, then start it from the unpacked folder.";

const SHELL = `#!/bin/sh
# Starts Impasto with the Node that lies beside it.
here=$(dirname "$(readlink -f "$0")")
if [ ! -f "$here/node/node" ]; then
  echo "${ALONE}" >&2
  exit 1
fi
[ $# -gt 0 ] || set -- serve --pair
exec "$here/node/node" "$here/app/dist/impasto.js" "$@"
`;

/** Labels instead of blocks: a folder's name may hold parentheses. */
const CMD = `@echo off
rem Starts Impasto with the Node that lies beside it.
setlocal
chcp 65001 >nul
set "HERE=%~dp0"
if not exist "%HERE%node\\node.exe" goto alone
if not "%~1"=="" goto command
title Impasto
"%HERE%node\\node.exe" "%HERE%app\\dist\\impasto.js" serve --pair
if errorlevel 1 pause
exit /b
:command
"%HERE%node\\node.exe" "%HERE%app\\dist\\impasto.js" %*
exit /b
:alone
echo ${ALONE}
pause
exit /b 1
`;

/** %k is this file's own path; quoted as the desktop entry specification wants it. */
const DESKTOP = `[Desktop Entry]
Type=Application
Name=Impasto
Comment=Neural style transfer for Figma, Photopea and the browser
Exec=sh -c "exec \\\\"\\\\$(dirname \\\\"\\\\\${1#file://}\\\\")/impasto\\\\"" sh %k
Terminal=true
Categories=Graphics;
`;

const START = {
  linux:
    "Right-click “impasto” and choose “Run as a Program”, or allow launching “impasto.desktop” and double-click it. In a terminal: ./impasto",
  darwin: "Double-click “Impasto.command”.",
  win32: "Double-click “Impasto.cmd”.",
};

/** docs/release.md says the same at length, and what signing would change. */
const WARNING = {
  linux: "",
  darwin: `
macOS does not know who made this copy and refuses it at first. Open Terminal, type the line below with a space after
it, drag this folder into the window, and press Return:
  xattr -dr com.apple.quarantine
Then double-click “Impasto.command” again.
`,
  win32: `
Windows does not know who made this copy and may warn: choose “More info”, then “Run anyway”. To be asked only once,
right-click the zip before you unpack it, choose Properties, tick “Unblock”, press OK.
`,
};

function readMe(os, version) {
  return `Impasto ${version}

${START[os]}

It opens its page in your browser and shows a code here. The page works at once: drop two pictures, press Stylize.
For Figma and Photopea, open Settings on that page: “Get the Figma plugin” and “Open Photopea” are there. Type the
code into the plugin when it asks; once is enough.

Close the window to stop Impasto. Start it again whenever you like; a second start finds the first.
${WARNING[os]}
Everything is done on this computer, and nothing is sent anywhere. To remove Impasto, delete this folder. If you let
it start with your computer, type this first: ${os === "win32" ? "Impasto.cmd" : os === "darwin" ? "./Impasto.command" : "./impasto"} service remove
`;
}

/** [name, text, may be run] */
export function launcherFiles(os, version) {
  const windows = (text) => text.replaceAll("\n", "\r\n");
  const texts = {
    linux: [
      ["impasto", SHELL, true],
      ["impasto.desktop", DESKTOP, true],
      ["Read me first.txt", readMe(os, version), false],
    ],
    darwin: [
      ["Impasto.command", SHELL, true],
      ["Read me first.txt", readMe(os, version), false],
    ],
    win32: [
      ["Impasto.cmd", windows(CMD), false],
      // Notepad of old takes UTF-8 for something else without the mark.
      ["Read me first.txt", `\ufeff${windows(readMe(os, version))}`, false],
    ],
  };
  return texts[os];
}
