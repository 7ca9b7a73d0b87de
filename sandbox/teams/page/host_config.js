"use strict";

// The look of cards in Teams, light or dark, in the words of the renderer's host configuration.
globalThis.teamsHostConfig = (dark) => {
  const text = dark
    ? {
        default: ["#ffffff", "#adadad"],
        dark: ["#000000", "#424242"],
        light: ["#ffffff", "#d6d6d6"],
        accent: ["#9ea2ff", "#7f85f5"],
        good: ["#92c353", "#6b9f2c"],
        warning: ["#fce100", "#c8a400"],
        attention: ["#f1707b", "#d9606a"],
      }
    : {
        default: ["#242424", "#616161"],
        dark: ["#000000", "#424242"],
        light: ["#ffffff", "#d6d6d6"],
        accent: ["#4f52b2", "#5b5fc7"],
        good: ["#0e700e", "#107c10"],
        warning: ["#835b00", "#986f0b"],
        attention: ["#b10e1c", "#c4314b"],
      };
  const foregroundColors = Object.fromEntries(
    Object.entries(text).map(([name, [plain, subtle]]) => [name, { default: plain, subtle }]),
  );
  const style = (backgroundColor, borderColor) => ({ backgroundColor, borderColor, foregroundColors });
  const fontSizes = { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 };
  const fontWeights = { lighter: 300, default: 400, bolder: 600 };
  const font = (fontFamily) => ({ fontFamily, fontSizes, fontWeights });
  const line = dark ? "#404040" : "#e0e0e0";
  return {
    supportsInteractivity: true,
    fontTypes: {
      default: font('"Segoe UI", "Segoe UI Web", system-ui, Roboto, "Helvetica Neue", sans-serif'),
      monospace: font('"Cascadia Mono", Consolas, ui-monospace, monospace'),
    },
    lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: line },
    imageSizes: { small: 32, medium: 52, large: 100 },
    containerStyles: {
      default: style(dark ? "#292929" : "#ffffff", line),
      emphasis: style(dark ? "#1f1f1f" : "#f5f5f5", line),
      accent: style(dark ? "#2f2f4a" : "#e8ebfa", dark ? "#4f52b2" : "#c5cbfa"),
      good: style(dark ? "#233120" : "#e7f2da", dark ? "#3e6b2f" : "#bdda9b"),
      warning: style(dark ? "#463100" : "#fbf6d9", dark ? "#8f6400" : "#f2e384"),
      attention: style(dark ? "#3e1f25" : "#fcf4f6", dark ? "#8f3241" : "#f3d6d8"),
    },
    textStyles: { heading: { size: "large", weight: "bolder", color: "default", isSubtle: false } },
    actions: {
      maxActions: 6,
      spacing: "medium",
      buttonSpacing: 8,
      showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
      actionsOrientation: "horizontal",
      actionAlignment: "left",
      allowTitleToWrap: false,
    },
    factSet: {
      title: { weight: "bolder", wrap: true, maxWidth: 160 },
      value: { weight: "default", wrap: true },
      spacing: 16,
    },
    table: { cellSpacing: 8 },
  };
};
