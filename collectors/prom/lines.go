package prom

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// errLine is a line that is lost while the lines after it are not.
var errLine = errors.New("a line")

// lines splits an answer, within bounds.
type lines struct {
	r     *bufio.Reader
	read  int64
	count int
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, maxLine)} }

// next is the next line without its end, until the next call. A line that is
// too long is passed over, and so is a last one without an end, which may be
// half of one: both are an errLine.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	l.read += int64(len(line))
	l.count++
	long := errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) && l.read <= MaxSize {
		line, err = l.r.ReadSlice('\n')
		l.read += int64(len(line))
	}
	switch {
	case l.read > MaxSize || l.count > maxLines:
		return nil, ErrTooLarge
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case long:
		return nil, fmt.Errorf("%w of more than %d bytes", errLine, maxLine)
	case err == nil || string(line) == endMark:
		return line, nil
	case len(line) > 0:
		return nil, fmt.Errorf("%w that breaks off: %s", errLine, quoted(string(line)))
	}
	return nil, io.EOF
}
