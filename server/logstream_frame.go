package server

import "sync"

// logFrames are reused between frames, of whichever socket: an idle one holds
// none.
var logFrames = sync.Pool{New: func() any { return new([]byte) }}

// logFrame is a message on its way: lines that belong together, or one other.
type logFrame struct {
	text  []byte
	lines int
	from  *[]byte
}

// line makes room for one more line.
func (f *logFrame) line() {
	if f.lines++; f.lines > 1 {
		f.text = append(f.text, ',')
		return
	}
	f.from, _ = logFrames.Get().(*[]byte)
	f.text = (*f.from)[:0]
	f.text = append(f.text, `{"type":"lines","lines":[`...)
}

// finish completes the message, and says how many lines it has.
func (f *logFrame) finish() (text []byte, lines int) {
	if f.lines > 0 {
		f.text = append(f.text, `]}`...)
	}
	return f.text, f.lines
}

// release makes way for the next message.
func (f *logFrame) release() {
	if f.from != nil && cap(f.text) <= 2*maxFrame {
		*f.from = f.text[:0]
		logFrames.Put(f.from)
	}
	*f = logFrame{}
}
