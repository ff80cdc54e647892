package podlog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/waylight/waylight/mesh"
)

// reading is one opening of a log, from the first byte to the last.
type reading struct {
	tail   *tail
	id     string // what IDs of its lines begin with
	whole  bool   // the end of what is read is the end of the log
	over   bool   // the run has ended
	before bool   // it is the run before the present one
	limit  int    // how many lines of the past were asked for; zero for all
	lines  *lineReader
	number numbering
	resume resumption
	batch  []entry
	count  int
	first  place
	began  time.Time
	// waits ends the waiting for readers; zero before the first wait.
	waits  time.Time
	notice string // what the kubelet says where a line should be

	torn     bool // it does not go on where the last reading stopped
	progress bool // something new was read
	complete bool // nothing will follow
	lasted   time.Duration
	err      error
}

// read opens the log and reads it to its end, which may be hours later, or to
// that of turn. Lines that were read are handed on as long as ctx lives.
func (t *tail) read(ctx, turn context.Context) *reading {
	request := t.request()
	r := &reading{tail: t, limit: request.Tail, before: request.Before, began: time.Now(), resume: resumption{had: t.had, found: t.had.last.zero()}}
	opened, err := t.hub.openLog(turn, request, t.pending)
	if err != nil {
		r.err = err
		return r
	}
	defer opened.Body.Close()
	defer context.AfterFunc(turn, func() { _ = opened.Body.Close() })() // a reader is stuck in it
	t.begin(opened.Run)
	r.id, r.over, r.whole = runID(t.target, opened.Run), opened.Over, opened.Whole
	r.lines = newLineReader(opened.Body)
	if r.err = r.readAll(ctx); r.ended() {
		r.conclude(ctx)
	}
	t.broken = !r.ended() || len(t.unfinished) > 0
	r.lasted = time.Since(r.began)
	return r
}

// readAll takes lines until the body ends.
func (r *reading) readAll(ctx context.Context) error {
	for {
		for !r.complete && !r.torn && len(r.batch) < maxBatch {
			line, cut, ok := r.lines.line()
			if !ok {
				break
			}
			r.take(line, cut)
		}
		full := len(r.batch) == maxBatch
		if err := r.flush(ctx); err != nil || r.complete {
			return err
		}
		if r.torn {
			return errTorn
		}
		if full {
			continue
		}
		if err := r.lines.fill(); err != nil {
			return err
		}
	}
}

// errTorn is why a log is looked at again after a moment.
var errTorn = errors.New("it does not go on where it stopped: the log was rotated, or the container was restarted")

// maxBatch is how many lines are handed on at once.
const maxBatch = 256

// take makes an entry of a line, if it was not had before.
func (r *reading) take(line []byte, cut int) {
	at, text, ok := splitStamp(line)
	switch {
	case ok:
	case r.count == 0: // no line begins so: the kubelet has something to say
		r.notice, _ = plainText(line[:min(len(line), maxNotice)])
		return
	default: // there was a line end in what was written at once
		at, text = r.number.last().at, line
	}
	p := r.number.give(at)
	if r.count++; r.count == 1 {
		r.first = p
	}
	takes, done := r.tail.until.takes(p)
	r.complete = done
	if !takes || r.resume.skips(p, text) {
		return
	}
	if r.resume.torn && !r.acceptTorn(p) {
		r.torn = true
		return
	}
	r.add(p, text, cut)
}

// maxNotice bounds what is repeated of the kubelet's words.
const maxNotice = 300

func (r *reading) add(p place, text []byte, cut int) {
	t := r.tail
	t.had.note(p, text)
	if !r.before {
		t.tear = tear{}
	}
	r.progress = true
	raw, more := plainText(text)
	l := &mesh.LogLine{
		ID: p.id(r.id), Time: p.at, From: t.target, Raw: raw, Cut: cut + more, Kind: mesh.LogPlain, Message: raw,
	}
	t.hub.decoder.Decode(l)
	r.batch = append(r.batch, entry{line: l, at: p})
}

// flush hands the lines that were read to the readers.
func (r *reading) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	r.tellLimit()
	newest := r.batch[len(r.batch)-1].line.Time
	err := r.tail.append(ctx, r.batch, r.patience)
	clear(r.batch)
	r.batch = r.batch[:0]
	if r.tail.mode.follow && !r.tail.live && newest.After(r.began.Add(-disorder)) {
		r.tail.setLive()
	}
	return err
}

// patience is how long the reading may still wait for readers. The past comes
// faster than anybody reads; what is written now cannot wait.
func (r *reading) patience() time.Duration {
	mode := r.tail.mode
	if mode.patience == endless {
		return mode.patience
	}
	if mode.patience == 0 || r.tail.live {
		return 0
	}
	if r.waits.IsZero() {
		r.waits = time.Now().Add(mode.patience)
	}
	return time.Until(r.waits)
}

// tellLimit says that there was more of the past than is read, once as many
// lines came as were asked for.
func (r *reading) tellLimit() {
	if r.limit > 0 && r.count >= r.limit && !r.tail.live {
		r.limit = 0
		r.tail.addGap(mesh.LogGap{Oldest: r.tail.since, Newest: r.first.at, Dropped: -1, Reason: mesh.GapLimit})
	}
}

// ended tells that the reading came to an end of the log as far as can be seen.
func (r *reading) ended() bool { return errors.Is(r.err, io.EOF) }

// reason says why a log has to be opened again.
func (r *reading) reason() string {
	switch {
	case r.notice != "":
		return r.notice
	case r.err != nil && !r.ended():
		return reasonOf(r.err)
	}
	return "The log ended, or something on the way to it did."
}

// conclude decides whether the end of what was read is the end of the log.
// Where that is not sure, another reading has to bring nothing else.
func (r *reading) conclude(ctx context.Context) {
	t := r.tail
	rest, cut := r.lines.unfinished()
	again := bytes.Equal(rest, t.unfinished)
	t.unfinished = bytes.Clone(rest)
	finite := r.over || !t.mode.follow
	switch {
	case r.whole:
	case !finite, !again, r.progress && (r.over || t.until.exact), r.before && !r.resume.found:
		return
	}
	if len(rest) > 0 {
		r.take(rest, cut)
	}
	switch {
	case !r.resume.found && r.disown():
		return
	case !r.resume.found, t.until.exact && !r.complete:
		t.addGap(t.unknown(mesh.GapRotated))
	}
	r.complete = true
	_ = r.flush(ctx) // it fails when nobody is left to read it
}
