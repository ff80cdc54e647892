package podlog

import (
	"bytes"
	"errors"
	"io"
	"time"
)

const (
	// readBuffer is how much is taken from a connection at once. It is more than
	// the longest line that is kept.
	readBuffer = 64 << 10
	// maxStamped is a line with its time in front.
	maxStamped = maxLine + len("2006-01-02T15:04:05.000000000+00:00 ")
)

// lineReader splits a log into lines. Of a line that is too long it keeps the
// beginning and counts the rest, so that its memory is bounded.
type lineReader struct {
	from       io.Reader
	buf        []byte
	start, end int // what of buf is not yet handed out
	searched   int // how much of that has no line end
	lost       int // bytes of the line at start that are not kept
}

func newLineReader(from io.Reader) *lineReader {
	return &lineReader{from: from, buf: make([]byte, readBuffer)}
}

// line hands out the next whole line that was read already, without its end. It
// is valid until fill. cut is how many bytes of it are missing.
func (l *lineReader) line() (line []byte, cut int, ok bool) {
	rest := l.buf[l.start:l.end]
	i := bytes.IndexByte(rest[l.searched:], '\n')
	if i < 0 {
		l.searched = len(rest)
		return nil, 0, false
	}
	i += l.searched
	line, cut = rest[:i], l.lost
	if cut > 0 && i > maxStamped {
		line, cut = rest[:maxStamped], cut+i-maxStamped
	}
	l.start, l.searched, l.lost = l.start+i+1, 0, 0
	return line, cut, true
}

// fill reads more. It is called when line has none.
func (l *lineReader) fill() error {
	if l.start > 0 {
		l.end = copy(l.buf, l.buf[l.start:l.end])
		l.start = 0
	}
	if l.end == len(l.buf) {
		l.lost += l.end - maxStamped
		l.end, l.searched = maxStamped, maxStamped
	}
	n, err := l.from.Read(l.buf[l.end:])
	l.end += n
	if n > 0 {
		return nil // the error comes again
	}
	if err == nil {
		err = errNothing
	}
	return err
}

// errNothing is a reader that returns neither bytes nor an error, which would
// be asked for ever.
var errNothing = errors.New("the log was read without getting anything")

// unfinished is what stands after the last line end.
func (l *lineReader) unfinished() (line []byte, cut int) {
	line, cut = l.buf[l.start:l.end], l.lost
	if cut > 0 && len(line) > maxStamped {
		line, cut = line[:maxStamped], cut+len(line)-maxStamped
	}
	return line, cut
}

// splitStamp takes the time off the front of a line.
func splitStamp(line []byte) (at time.Time, text []byte, ok bool) {
	i := bytes.IndexByte(line, ' ')
	if i < 0 {
		i = len(line) // an empty line, from which something took the space
	}
	if at, ok = fastStamp(line[:i]); !ok {
		parsed, err := time.Parse(time.RFC3339Nano, string(line[:i]))
		if err != nil {
			return time.Time{}, nil, false
		}
		at = parsed.UTC()
	}
	if at.Unix() < 0 || at.Year() > 9999 { // no container ran then, and no ID could be read again
		return time.Time{}, nil, false
	}
	return at, line[min(i+1, len(line)):], true
}

// fastStamp reads "2006-01-02T15:04:05.999999999Z", which is how nearly all
// times are written. What it does not know time.Parse has to judge.
func fastStamp(s []byte) (time.Time, bool) {
	const whole = len("2006-01-02T15:04:05")
	if len(s) <= whole || s[len(s)-1] != 'Z' || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	var digits number
	year, month, day := digits.of(s[0:4]), digits.of(s[5:7]), digits.of(s[8:10])
	hour, minute, second := digits.of(s[11:13]), digits.of(s[14:16]), digits.of(s[17:19])
	nanos := 0
	if fraction := s[whole : len(s)-1]; len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 10 {
			return time.Time{}, false
		}
		nanos = digits.of(fraction[1:])
		for range 10 - len(fraction) {
			nanos *= 10
		}
	}
	if digits.wrong || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false // days that not every month has are for time.Parse
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC), true
}

// number reads numbers and remembers whether all of them were.
type number struct{ wrong bool }

func (n *number) of(digits []byte) int {
	out := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			n.wrong = true
			return 0
		}
		out = out*10 + int(c-'0')
	}
	return out
}
