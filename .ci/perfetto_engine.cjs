// Perfetto's trace processor as its user interface runs it: requests in, answers out, in Perfetto's own words
// (TraceProcessorRpcStream).
//
//     node perfetto_engine.cjs FOLDER_OF_THE_ENGINE <requests >answers
const fs = require('fs'), path = require('path'), vm = require('vm');

const folder = process.argv[2];
const file = name => fs.readFileSync(path.join(folder, path.basename(String(name))));
const requests = new Uint8Array(fs.readFileSync(0));
const port = {
  postMessage(bytes) {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(1, bytes, at);
  },
};

// What the engine finds in a browser's worker, where it expects to be.
globalThis.self = { location: { href: '' } };
globalThis.WorkerGlobalScope = function () {};
globalThis.XMLHttpRequest = class {
  open(_, url) { this.url = url; }
  send() { this.status = 200; this.response = file(this.url); }
};
console.log = console.warn = () => {};
const node = globalThis.process;
globalThis.process = undefined;
vm.runInThisContext(file('engine_bundle.js').toString());
self.onmessage({ data: port });

// It is loaded at once, and is ready when what it has put off until then is done.
setImmediate(() => {
  globalThis.process = node;
  port.onmessage({ data: requests });
});
