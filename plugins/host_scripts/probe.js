// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads from a Windows host what REQUEST asks for, and changes nothing there but temporary files beside itself.
// Runs under Windows Script Host 5.6 (JScript, ECMAScript 3: no JSON, no trim) on Windows Server 2003 and later.
//
// REQUEST = {nonce: "...", search_seconds: 90, reads: [{id: "...", op: "...", ...}]} is declared in front of this file by the
// controller; without search_seconds the search of a log may take as long as it takes.
// The answer is ASCII: one BEGIN line, DATA lines that hold one JSON document, one END line.

(function () {
  var VERSION = "1";
  var LINE_CHARACTERS = 3900;
  var HEAD_CHARACTERS = 400;
  var CHUNK_CHARACTERS = 65536;
  var MAX_ITEMS = 4096;
  var FOR_READING = 1;
  var SYSTEM_CODE_PAGE = 0;
  var HIDDEN_WINDOW = 0;
  var RUNNING = 0; // of WshScriptExec.Status
  var LONGEST_PAUSE = 200; // milliseconds
  var LEFTOVER = /^unblock-[0-9a-f]{32}.*\.(js|tmp)$/i;
  var LEFTOVER_MILLISECONDS = 3600000; // no run takes its files up again so late

  // Numbers of Win32 and of the script runtime, as they stand in the low word of a COM error.
  var ABSENT = {2: true, 3: true, 53: true, 68: true, 76: true};
  var DENIED = {5: true, 32: true, 33: true, 70: true};
  var NO_VERSION_RESOURCE = {1812: true, 1813: true, 1814: true};
  var SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\r": "\\r", "\n": "\\n", "\t": "\\t"};
  var SERVICE_STATES = {
    1: "stopped", 2: "start_pending", 3: "stop_pending", 4: "running",
    5: "continue_pending", 6: "pause_pending", 7: "paused"
  };

  var shell;
  var fileSystem;
  var values = {};
  var searchesEnd = REQUEST.search_seconds ? new Date().getTime() + 1000 * REQUEST.search_seconds : Infinity;

  function quote(text) {
    return '"' + text.replace(/[^ !#-[\]-~]/g, function (character) {
      var code = character.charCodeAt(0).toString(16);
      return SHORT_ESCAPES[character] || "\\u" + "0000".substring(code.length) + code;
    }) + '"';
  }

  function toJson(value) {
    var parts = [], index, name;
    if (value === null || value === undefined) { return "null"; }
    if (typeof value === "string") { return quote(value); }
    if (typeof value === "number") { return isFinite(value) ? String(value) : "null"; }
    if (typeof value === "boolean") { return String(value); }
    if (value instanceof Array) {
      for (index = 0; index < value.length; index += 1) { parts.push(toJson(value[index])); }
      return "[" + parts.join(",") + "]";
    }
    for (name in value) {
      if (value.hasOwnProperty(name)) { parts.push(quote(name) + ":" + toJson(value[name])); }
    }
    return "{" + parts.join(",") + "}";
  }

  function twoDigits(number) { return number < 10 ? "0" + number : String(number); }

  // A Date, or the VT_DATE of a file (local time), as UTC.
  // Files are dated to the second here; only the clock itself is read to the millisecond.
  function toUtc(moment) {
    var date = new Date(moment);
    if (isNaN(date.getTime())) { return null; }
    return date.getUTCFullYear() + "-" + twoDigits(date.getUTCMonth() + 1) + "-" + twoDigits(date.getUTCDate()) +
      "T" + twoDigits(date.getUTCHours()) + ":" + twoDigits(date.getUTCMinutes()) + ":" +
      twoDigits(date.getUTCSeconds()) + "Z";
  }

  function failure(error) {
    var number = error.number || 0;
    var word = number & 0xFFFF;
    var state = ABSENT[word] ? "absent" : DENIED[word] ? "denied" : "error";
    return {state: state, error: {number: number, message: String(error.description || error.message || "")}};
  }

  function attempt(action, otherwise) {
    try { return action(); } catch (error) { return otherwise; }
  }

  // Some script hosts count the terminating NUL in.
  function expand(text) { return shell.ExpandEnvironmentStrings(text).replace(/\0+$/, ""); }

  function environment(name) {
    var pattern = "%" + name + "%";
    var expanded = expand(pattern);
    return expanded === pattern ? null : expanded;
  }

  // Thrown by resolve(): the read rests on a value that could not be read itself.
  function Skipped(id) { this.skipped = id; }

  // Fills in %ENVIRONMENT% and {id}, the value of an earlier read.
  function resolve(template) {
    var text = expand(template).replace(/\{([a-z0-9_.]+)\}/g, function (whole, id) {
      if (typeof values[id] !== "string" || values[id] === "") { throw new Skipped(id); }
      return values[id];
    });
    // A quotation mark would end the argument that the text becomes; no file or key is called so.
    if (/["\r\n\0]/.test(text)) { throw {number: 0, description: "not usable as a path: " + text.substring(0, 200)}; }
    return text.replace(/([^\\])\\\\+/g, "$1\\");
  }

  // The command line of one program whose output goes to a file: read from Exec(), long output would be a deadlock.
  function toFile(command, file) {
    return '%COMSPEC% /d /s /c "' + command + ' > "' + file + '" 2>nul"';
  }

  // Not every script host has Sleep: without it a search is waited for, however long it takes.
  function pause(milliseconds) {
    return attempt(function () { WScript.Sleep(milliseconds); return true; }, false);
  }

  // Runs a search and returns its exit code; null for one that was ended because the searches of this probe took too long.
  function search(command) {
    var running, wait = 1;
    if (searchesEnd === Infinity || !pause(0)) { return shell.Run(command, HIDDEN_WINDOW, true); }
    running = shell.Exec(expand(command));
    while (running.Status === RUNNING) {
      if (new Date().getTime() >= searchesEnd) {
        // Terminate() would end cmd.exe and leave findstr to it.
        attempt(function () { shell.Run("taskkill /f /t /pid " + running.ProcessID, HIDDEN_WINDOW, true); }, null);
        return null;
      }
      pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE);
    }
    return running.ExitCode;
  }

  // Those lines of a text in which one of the words stands; all of it without words.
  function linesWith(text, words) {
    var lines = text.split("\n"), kept = [], index, word;
    if (!words) { return text; }
    for (index = 0; index < lines.length; index += 1) {
      for (word = 0; word < words.length; word += 1) {
        if (lines[index].toLowerCase().indexOf(words[word].toLowerCase()) >= 0) {
          kept.push(lines[index] + "\n");
          break;
        }
      }
    }
    return kept.join("");
  }

  // The last `limit` characters of a text file, read in pieces: a pattern may hit all of a large log.
  function readTail(file, limit, words) {
    var stream = fileSystem.OpenTextFile(file, FOR_READING, false, SYSTEM_CODE_PAGE);
    var kept = [], length = 0, truncated = false, text;
    try {
      while (!stream.AtEndOfStream) {
        text = stream.Read(CHUNK_CHARACTERS);
        if (words && !stream.AtEndOfStream) { text += stream.ReadLine() + "\n"; }
        kept.push(linesWith(text, words));
        length += kept[kept.length - 1].length;
        while (kept.length > 1 && length - kept[0].length >= limit) {
          length -= kept.shift().length;
          truncated = true;
        }
      }
    } finally {
      stream.Close();
    }
    text = kept.join("");
    if (text.length > limit) {
      text = text.substring(text.length - limit);
      truncated = true;
    }
    return {text: text, truncated: truncated};
  }

  // What a search found before it was ended. Its last line may be cut; who reads it drops the first.
  function readEnded(file, limit) {
    var tail = attempt(function () { return readTail(file, limit); }, {text: "", truncated: true});
    return {text: (tail.truncated ? "" : "\r\n") + tail.text.replace(/[^\n]*$/, ""), truncated: true};
  }

  // Runs a program and returns {code, text, truncated}; its temporary file is gone afterwards.
  function runForText(command, limit, words, isSearch) {
    // The nonce makes the name unguessable, and known to whoever cleans up; the rest is for a script that is run by hand.
    var file = expand("%TEMP%\\unblock-" + REQUEST.nonce + "-") + String(Math.random()).substring(2) + ".tmp";
    var code, tail;
    try {
      code = isSearch ? search(toFile(command, file)) : shell.Run(toFile(command, file), HIDDEN_WINDOW, true);
      tail = code === null ? readEnded(file, limit) : readTail(file, limit, words);
    } finally {
      attempt(function () { fileSystem.DeleteFile(file, true); }, null);
    }
    return {code: code, text: tail.text, truncated: tail.truncated};
  }

  function firstCharacters(file) {
    var stream = fileSystem.OpenTextFile(file, FOR_READING, false, SYSTEM_CODE_PAGE);
    try {
      return stream.AtEndOfStream ? "" : stream.Read(HEAD_CHARACTERS).split(/[\r\n]/)[0];
    } finally {
      stream.Close();
    }
  }

  function fileDates(file) {
    return {
      created: attempt(function () { return toUtc(file.DateCreated); }, null),
      modified: attempt(function () { return toUtc(file.DateLastModified); }, null)
    };
  }

  // Whether a registry key is listed by its parent: `reg query` answers 1 both for a missing and for a closed key.
  function isListed(key) {
    var parent = key.replace(/\\[^\\]*$/, "");
    var name = key.substring(parent.length + 1).toLowerCase();
    var lines, index, listing;
    if (parent === key || parent.indexOf("\\") < 0) { return true; }
    listing = runForText('reg query "' + parent + '"', 1048576);
    if (listing.code !== 0) { return isListed(parent); }
    lines = listing.text.toLowerCase().split(/\r?\n/);
    for (index = 0; index < lines.length; index += 1) {
      if (/^hkey_/.test(lines[index]) && lines[index].replace(/^.*\\/, "").replace(/\s+$/, "") === name) { return true; }
    }
    return false;
  }

  var operations = {
    env: function (read) {
      var value = environment(read.name);
      return value === null ? {state: "absent"} : {state: "ok", data: value};
    },

    reg_value: function (read) {
      var data = shell.RegRead(resolve(read.key) + "\\" + read.value);
      // REG_MULTI_SZ and REG_BINARY come as a SAFEARRAY, which is no JScript type.
      if (typeof data === "string" || typeof data === "number") { return {state: "ok", data: data}; }
      data = new VBArray(data).toArray();
      return data.length > MAX_ITEMS ? {state: "too_large", size: data.length} : {state: "ok", data: data};
    },

    reg_tree: function (read) {
      var key = resolve(read.key);
      var answer = runForText('reg query "' + key + '" /s', read.max_bytes, read.contains);
      if (answer.code === 0) { return {state: "ok", text: answer.text, truncated: answer.truncated}; }
      // It may have printed some of the tree before it failed; a key that is there is closed to this account.
      if (/^HKEY_/m.test(answer.text) || isListed(key)) {
        return {state: "denied", error: {number: answer.code, message: "reg query could not read all of " + key}};
      }
      return {state: "absent"};
    },

    file: function (read) {
      var path = resolve(read.path);
      var file, dates, version;
      if (!fileSystem.FileExists(path)) { return {state: "absent", path: path}; }
      file = fileSystem.GetFile(path);
      try {
        version = fileSystem.GetFileVersion(path);
      } catch (error) {
        if (!NO_VERSION_RESOURCE[error.number & 0xFFFF]) { throw error; }
        version = "";
      }
      dates = fileDates(file);
      return {
        state: "ok", path: path, version: version === "" ? null : version, size: file.Size,
        created: dates.created, modified: dates.modified
      };
    },

    // What the account may still write to the drive of a path, in bytes; a path on a share has a drive, too.
    drive: function (read) {
      var path = resolve(read.path);
      return {state: "ok", path: path, free: fileSystem.GetDrive(fileSystem.GetDriveName(path)).AvailableSpace};
    },

    service: function (read) {
      var start = shell.RegRead("HKLM\\SYSTEM\\CurrentControlSet\\Services\\" + read.name + "\\Start");
      var answer = runForText('sc query "' + read.name + '"', 4096);
      // TYPE and STATE are translated on some systems; their order and the number after the colon are not.
      var numbers = answer.text.match(/:\s+[0-9a-f]+\s+[A-Z_]+/g);
      var state = answer.code === 0 && numbers && numbers.length > 1 ? parseInt(numbers[1].substring(1), 10) : 0;
      return {state: "ok", status: SERVICE_STATES[state] || null, start: start};
    },

    log: function (read) {
      var paths = [], skipped = null, path, file, size, answer, command, index, result;
      for (index = 0; index < read.paths.length; index += 1) {
        try {
          paths.push(resolve(read.paths[index]));
        } catch (error) {
          if (!(error instanceof Skipped)) { throw error; }
          skipped = error;
        }
      }
      if (paths.length === 0) { throw skipped; }
      for (index = 0; index < paths.length && !path; index += 1) {
        if (fileSystem.FileExists(paths[index])) { path = paths[index]; }
      }
      if (!path) { return {state: "absent", paths: paths}; }
      file = fileSystem.GetFile(path);
      size = file.Size;
      if (size > read.max_scan_bytes) {
        return {state: "too_large", path: path, size: size, modified: fileDates(file).modified};
      }
      command = "findstr /i /n";
      for (index = 0; index < read.anchors.length; index += 1) { command += ' /c:"' + read.anchors[index] + '"'; }
      answer = runForText(command + ' "' + path + '"', read.max_bytes, null, true);
      // findstr ends with 1 both when it found nothing and when it could not open the file. It reads what its writer
      // holds open, so it is asked once more, for any line at all (/m stops at the first).
      if (answer.code > 1 || (answer.code === 1 && size > 0 && runForText('findstr /m "^" "' + path + '"', 1024).code !== 0)) {
        return {
          state: "denied", path: path, size: size,
          error: {number: answer.code, message: "findstr could not read it: no right to, or another program keeps it to itself"}
        };
      }
      result = {
        state: "ok", path: path, size: size, modified: fileDates(file).modified,
        head: attempt(function () { return firstCharacters(path); }, null),
        lines: answer.text, truncated: answer.truncated
      };
      if (answer.code === null) { result.ended = true; }
      return result;
    }
  };

  // Whether one of the values that a read is worth making for is there.
  function isNeeded(read) {
    var index;
    if (!read.needs) { return true; }
    for (index = 0; index < read.needs.length; index += 1) {
      if (values[read.needs[index]] !== null && values[read.needs[index]] !== undefined) { return true; }
    }
    return false;
  }

  function perform(read) {
    try {
      if (!isNeeded(read)) { throw new Skipped(read.needs[0]); }
      return operations[read.op](read);
    } catch (error) {
      if (error instanceof Skipped) { return {state: "skipped", why: error.skipped}; }
      return failure(error);
    }
  }

  function describeProbe() {
    var now = new Date();
    var codePage = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage\\ACP";
    return {
      version: VERSION,
      arch: environment("PROCESSOR_ARCHITECTURE"),
      wow64: environment("PROCESSOR_ARCHITEW6432") !== null,
      ansi_code_page: attempt(function () { return String(shell.RegRead(codePage)); }, null),
      time: toUtc(now).replace("Z", "." + String(now.getTime() % 1000 + 1000).substring(1) + "Z"),
      utc_offset_minutes: -now.getTimezoneOffset()
    };
  }

  function collect() {
    var reads = {}, index, read, result;
    shell = new ActiveXObject("WScript.Shell");
    fileSystem = new ActiveXObject("Scripting.FileSystemObject");
    for (index = 0; index < REQUEST.reads.length; index += 1) {
      read = REQUEST.reads[index];
      result = perform(read);
      reads[read.id] = result;
      values[read.id] = result.state === "ok" ? result.data : null;
    }
    return {probe: describeProbe(), reads: reads};
  }

  function send(document) {
    var text = toJson(document);
    var lines = 0, start;
    WScript.Echo("UNBLOCK BEGIN " + REQUEST.nonce);
    for (start = 0; start < text.length; start += LINE_CHARACTERS) {
      WScript.Echo("UNBLOCK DATA " + text.substring(start, start + LINE_CHARACTERS));
      lines += 1;
    }
    WScript.Echo("UNBLOCK END " + REQUEST.nonce + " " + lines);
  }

  // What runs left whose connection was lost before they could remove it.
  function removeLeftovers() {
    var files = new Enumerator(fileSystem.GetFolder(expand("%TEMP%")).Files);
    var newest = new Date().getTime() - LEFTOVER_MILLISECONDS, leftovers = [], looked, index, file;
    for (looked = 0; looked < MAX_ITEMS && !files.atEnd(); looked += 1) {
      file = files.item();
      if (LEFTOVER.test(file.Name) && new Date(file.DateLastModified).getTime() < newest) { leftovers.push(file.Path); }
      files.moveNext();
    }
    for (index = 0; index < leftovers.length; index += 1) {
      attempt(function () { fileSystem.DeleteFile(leftovers[index], true); }, null);
    }
  }

  try {
    send(collect());
    attempt(removeLeftovers, null);
  } catch (error) {
    send({failed: failure(error).error});
  }
  WScript.Quit(0);
}());
