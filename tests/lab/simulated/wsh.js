// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes a modern engine look like JScript under Windows Script Host: automation objects, their errors, and no more of the
// language's library than ECMAScript 3 has. Runs before the script; lab() takes and gives JSON and reaches the objects.

(function (global) {
  "use strict";
  var lab = global.lab;
  var parse = JSON.parse;
  var stringify = JSON.stringify;
  var slice = Array.prototype.slice.call.bind(Array.prototype.slice);
  var names = Object.getOwnPropertyNames;
  var define = Object.defineProperty;
  var remove = Reflect.deleteProperty; // no error for what cannot be deleted: Number.EPSILON and its kin stay

  // ECMA-262, 3rd edition, section 15, with what JScript 5.6 adds.
  var LIBRARY = {
    Object: "length name prototype",
    "Object.prototype": "constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf",
    Function: "length name prototype",
    "Function.prototype": "apply arguments call caller constructor length name toString",
    Array: "length name prototype",
    "Array.prototype": "concat constructor join length pop push reverse shift slice sort splice toLocaleString toString unshift",
    String: "fromCharCode length name prototype",
    "String.prototype": "anchor big blink bold charAt charCodeAt concat constructor fixed fontcolor fontsize indexOf " +
      "italics lastIndexOf length link localeCompare match replace search slice small split strike sub substr " +
      "substring sup toLocaleLowerCase toLocaleUpperCase toLowerCase toString toUpperCase valueOf",
    Number: "MAX_VALUE MIN_VALUE NEGATIVE_INFINITY NaN POSITIVE_INFINITY length name prototype",
    "Number.prototype": "constructor toExponential toFixed toLocaleString toPrecision toString valueOf",
    Date: "UTC length name parse prototype"
  };
  var GLOBALS = "Array Boolean Date Error EvalError Function Infinity Math NaN Number Object RangeError ReferenceError " +
    "RegExp String SyntaxError TypeError URIError decodeURI decodeURIComponent encodeURI encodeURIComponent escape " +
    "eval isFinite isNaN parseFloat parseInt undefined unescape ActiveXObject Enumerator VBArray WScript";

  // The functions of this file run without what they take away: each() stands for forEach.
  function each(items, action) {
    for (var index = 0; index < items.length; index += 1) { action(items[index]); }
  }

  function keep(object, wanted) {
    var known = " " + wanted + " ";
    each(names(object), function (name) {
      if (known.indexOf(" " + name + " ") < 0) { remove(object, name); }
    });
  }

  function automationError(number, description) {
    var error = new Error(description);
    error.number = number;
    error.description = description;
    return error;
  }

  // A SAFEARRAY: JScript can only hand it to VBArray.
  function SafeArray(items) { define(this, "items", {value: items}); }

  function call(id, member, values) {
    var answer = parse(lab(stringify([id, member, values])));
    if (answer.error) { throw automationError(answer.error.number, answer.error.description); }
    if (answer.quit) { throw answer; }
    if (answer.object) { return wrap(answer.object); }
    return answer.array ? new SafeArray(answer.array) : answer.value;
  }

  function wrap(reference) {
    var object = {};
    each(reference.methods, function (name) {
      define(object, name, {value: function () { return call(reference.id, name, slice(arguments)); }});
    });
    each(reference.properties, function (name) {
      define(object, name, {get: function () { return call(reference.id, name, []); }});
    });
    return object;
  }

  global.ActiveXObject = function (name) { return call(0, "create", [String(name)]); };
  global.VBArray = function (array) {
    if (!(array instanceof SafeArray)) { throw automationError(0x800A1395 - 0x100000000, "VBArray expected"); }
    this.toArray = function () { return array.items.concat(); };
  };
  global.Enumerator = function (collection) {
    var index = 0;
    this.atEnd = function () { return index >= collection.Count; };
    this.item = function () { return collection.lab_item(index); };
    this.moveNext = function () { index += 1; };
  };
  global.WScript = call(0, "create", ["WScript"]);

  each(names(LIBRARY), function (path) {
    var parts = path.split(".");
    keep(parts.length > 1 ? global[parts[0]].prototype : global[parts[0]], LIBRARY[path]);
  });
  keep(global, GLOBALS);
}(globalThis));
