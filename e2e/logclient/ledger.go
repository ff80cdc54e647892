package logclient

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Ledger accounts for containers whose lines are numbered (Numbered): what came, what came late, what the server says it
// has left out, and everything that is wrong with it.
type Ledger struct {
	// Late counts lines that came after a younger one of another container.
	Late int
	// Unknown counts gaps whose size nobody knows.
	Unknown int

	containers map[string]*account
	wrong      []string
}

// account is that of one container.
type account struct {
	received, dropped, last int
}

// Numbered is the text of a line with a number, from 1 on, of a usual length.
func Numbered(number int) string {
	return "line=" + strconv.Itoa(number) + " " + padding
}

var padding = strings.Repeat("a usual message ", 7)

// number finds the number in a line.
func number(raw string) (int, error) {
	text, _, _ := strings.Cut(strings.TrimPrefix(raw, "line="), " ")
	if !strings.HasSuffix(raw, padding) {
		return 0, fmt.Errorf("a line that was not written so: %.200q", raw)
	}
	return strconv.Atoi(text)
}

// Add accounts for a message.
func (l *Ledger) Add(m Message) {
	for _, line := range m.Lines {
		l.line(line)
	}
	if m.Type == "gap" {
		l.gap(m)
	}
}

func (l *Ledger) line(line Line) {
	if line.Late {
		l.Late++
	}
	n, err := number(line.Raw)
	if err != nil {
		l.complain("%s: %v", line.Container, err)
		return
	}
	a := l.of(line.Container)
	if n <= a.last {
		l.complain("%s: line %d comes after line %d (%s)", line.Container, n, a.last, line.ID)
	}
	a.received++
	a.last = n
}

func (l *Ledger) gap(m Message) {
	if m.Dropped < 0 {
		l.Unknown++
		return
	}
	l.of(m.Container).dropped += m.Dropped
}

func (l *Ledger) of(container string) *account {
	if l.containers == nil {
		l.containers = make(map[string]*account)
	}
	if l.containers[container] == nil {
		l.containers[container] = &account{}
	}
	return l.containers[container]
}

// complaints is how many are kept: the first says it all.
const complaints = 10

func (l *Ledger) complain(format string, arguments ...any) {
	if len(l.wrong) < complaints {
		l.wrong = append(l.wrong, fmt.Sprintf(format, arguments...))
	}
}

// Received is how many lines came, of all containers.
func (l *Ledger) Received() (n int) {
	for _, a := range l.containers {
		n += a.received
	}
	return n
}

// Dropped is how many lines the gaps stand for.
func (l *Ledger) Dropped() (n int) {
	for _, a := range l.containers {
		n += a.dropped
	}
	return n
}

// Settled says whether everything that so many containers wrote, so many lines each, is accounted for.
func (l *Ledger) Settled(containers, lines int) bool {
	return l.Received()+l.Dropped() >= containers*lines
}

// Check answers nil when of each of so many containers exactly so many lines came or are in gaps, each in order.
func (l *Ledger) Check(containers, lines int) error {
	wrong := slices.Clone(l.wrong)
	if len(l.containers) != containers {
		wrong = append(wrong, fmt.Sprintf("lines of %d containers, want %d", len(l.containers), containers))
	}
	for _, name := range slices.Sorted(maps.Keys(l.containers)) {
		if a := l.containers[name]; a.received+a.dropped != lines {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines came and %d are said to be left out, want %d together; the last is %d", name, a.received, a.dropped, lines, a.last))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong[:min(len(wrong), complaints)], "\n"))
	}
	return nil
}
