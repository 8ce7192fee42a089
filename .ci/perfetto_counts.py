"""Holds what Perfetto reads of an export against what is in the recording.

    perfetto_counts.py POLLSCOPE FOLDER_OF_THE_ENGINE RECORDING...
"""

import gzip
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict

from perfetto.common.query_result_iterator import QueryResultIterator
from perfetto.trace_processor.platform import PlatformDelegate
from perfetto.trace_processor.protos import ProtoFactory

PROTOS = ProtoFactory(PlatformDelegate())
RPC = PROTOS.TraceProcessorRpc
CHUNK = 1 << 20

# Of the same instant, a wake leads to the poll.
WAKE, POLL = 0, 1

# A slice has an argument `task` on a thread's track if it is a poll, `kind` if it is a job; on a task's own track it is a
# poll again. What never ended is no poll and no job yet.
HAS = "exists (select 1 from args where args.arg_set_id = slice.arg_set_id and args.key = 'args.{}')"
WHOLE = "not " + HAS.format("unfinished")
ON = (
    "(select pid from thread_track join thread using (utid) join process using (upid)"
    " where thread_track.id = slice.track_id)"
)
QUERIES = {
    "polls": f"select count(*) as n from slice where {ON} = 1 and {HAS.format('outcome')} and {WHOLE}",
    "polls of tasks": f"select count(*) as n from slice where {ON} = 2 and {WHOLE}",
    "jobs": f"select count(*) as n from slice where {ON} = 1 and {HAS.format('job')} and {WHOLE}",
    "flows": "select count(*) as n from flow",
    "flows that go back": (
        "select count(*) as n from flow join slice a on slice_out = a.id join slice b on slice_in = b.id"
        " where b.ts < a.ts"
    ),
    "negative durations": "select count(*) as n from slice where dur < 0",
    "misnested slices": (
        "select count(*) as n from slice join slice parent on slice.parent_id = parent.id"
        " where slice.ts < parent.ts or slice.ts + slice.dur > parent.ts + parent.dur"
    ),
    "errors": "select count(*) as n from stats where value > 0 and severity in ('error', 'data_loss')",
}


def asked(engine, trace):
    """What Perfetto counts."""
    stream = PROTOS.TraceProcessorRpcStream()

    def request(kind):
        message = stream.msg.add(request=kind)
        message.seq = len(stream.msg)
        return message

    for at in range(0, len(trace), CHUNK):
        request(RPC.TPM_APPEND_TRACE_DATA).append_trace_data = trace[at : at + CHUNK]
    request(RPC.TPM_FINALIZE_TRACE_DATA)
    for query in QUERIES.values():
        request(RPC.TPM_QUERY_STREAMING).query_args.sql_query = query

    bridge = pathlib.Path(__file__).with_name("perfetto_engine.cjs")
    answer = subprocess.run(["node", bridge, engine], input=stream.SerializeToString(), stdout=subprocess.PIPE, check=True)
    answers = PROTOS.TraceProcessorRpcStream.FromString(answer.stdout)
    counts, cells = [], []
    for message in answers.msg:
        refused = message.fatal_error or message.append_result.error or message.finalize_data_result.error
        if refused or message.query_result.error:
            sys.exit(f"Perfetto: {refused or message.query_result.error}")
        if message.response == RPC.TPM_QUERY_STREAMING:
            cells.extend(message.query_result.batch)
            if cells and cells[-1].is_last_batch:
                counts.append(next(QueryResultIterator(["n"], cells)).n)
                cells = []
    return dict(zip(QUERIES, counts, strict=True))


def recorded(path):
    """The same from the recording, as its first line and `crates/core/src/trace/recording.rs` tell to read it."""
    file = gzip.open(path)
    kinds = {kind["number"]: kind["name"] for kind in json.loads(file.readline())["record"]["kinds"]}
    counts, of_tasks = defaultdict(int), defaultdict(list)
    while line := file.readline():
        for _, runs, _ in json.loads(line)["batches"]:
            for _, count in runs:
                for at_tag, a, b in struct.iter_unpack("<QII", file.read(16 * count)):
                    at, kind = at_tag >> 8, kinds.get(at_tag & 15)
                    counts[kind] += 1
                    if kind == "poll":
                        start, is_handed_over = at - ((b & 0x7FFFFFF) << (b >> 27)), at_tag >> 4 & 3 == 3
                        of_tasks[a].append((start, POLL, is_handed_over))
                        if at_tag >> 6 & 1:
                            # It tells besides that the task woke itself in it.
                            of_tasks[a].append((at, WAKE, False))
                    if kind == "wake":
                        of_tasks[a].append((at, WAKE, False))
    return {
        "polls": counts["poll"],
        "polls of tasks": counts["poll"],
        "jobs": counts["job"],
        "flows": sum(polls_with_a_wake(sorted(it)) for it in of_tasks.values()),
        "flows that go back": 0,
        "negative durations": 0,
        "misnested slices": 0,
        "errors": 0,
    }


def polls_with_a_wake(wakes_and_polls):
    """How many polls of a task began after a wake that no poll before had answered. One that was handed over goes on."""
    led, is_woken, goes_on = 0, False, False
    for _, what, is_handed_over in wakes_and_polls:
        if what == WAKE:
            is_woken = True
            continue
        if not goes_on:
            led += is_woken
            is_woken = False
        goes_on = is_handed_over
    return led


def main(pollscope, engine, *recordings):
    wrong = 0
    for path in recordings:
        with tempfile.TemporaryDirectory() as folder:
            trace = pathlib.Path(folder, "trace.json")
            export = [pollscope, "export", path, "--to", "perfetto", "--out", trace]
            written = subprocess.run(export, stderr=subprocess.PIPE, text=True)
            if written.returncode:
                sys.exit(written.stderr)
            said, there = asked(engine, trace.read_bytes()), recorded(path)
        for what, count in there.items():
            is_same = said[what] == count
            wrong += not is_same
            print(f"{pathlib.Path(path).name:28} {what:20} {said[what]:>9}" + ("" if is_same else f"  expected {count}"))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
