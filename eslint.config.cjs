// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The host scripts run under Windows Script Host 5.6: JScript, which is ECMAScript 3 with a few objects of its own.
// The report's script runs in a browser of today.
"use strict";

const js = require("@eslint/js");

// Methods of ECMAScript 5 and later: a parser at level 3 lets them pass, the host does not have them.
const NEWER_METHODS = [
  "bind", "create", "defineProperty", "endsWith", "every", "filter", "find", "findIndex", "forEach", "freeze",
  "getOwnPropertyNames", "includes", "isArray", "keys", "map", "now", "padEnd", "padStart", "reduce", "reduceRight",
  "repeat", "some", "startsWith", "toISOString", "toJSON", "trim", "trimEnd", "trimStart"
].join("|");

module.exports = [
  {
    files: ["plugins/host_scripts/**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      ecmaVersion: 3,
      sourceType: "script",
      globals: {
        ActiveXObject: "readonly",
        Enumerator: "readonly",
        GetObject: "readonly",
        REQUEST: "readonly",
        VBArray: "readonly",
        WScript: "readonly"
      }
    },
    rules: {
      ...js.configs.recommended.rules,
      "block-scoped-var": "error",
      "consistent-return": "error",
      "dot-notation": ["error", { allowKeywords: false }],
      eqeqeq: "error",
      "guard-for-in": "error",
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      // Object.hasOwn is younger than the host.
      "no-prototype-builtins": "off",
      "no-restricted-syntax": ["error", {
        selector: `CallExpression > MemberExpression.callee > Identifier.property[name=/^(${NEWER_METHODS})$/]`,
        message: "Windows Script Host 5.6 does not have this method."
      }],
      "no-shadow": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-use-before-define": ["error", { functions: false }]
    }
  },
  {
    files: ["plugins/templates/**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      globals: {
        addEventListener: "readonly",
        document: "readonly",
        getSelection: "readonly",
        setTimeout: "readonly"
      }
    },
    rules: { ...js.configs.recommended.rules, eqeqeq: "error", "no-eval": "error", "no-shadow": "error" }
  }
];
