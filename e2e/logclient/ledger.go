package logclient

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ledger accounts for containers whose lines are numbered (Numbered): what came, what came late, what the server says it
// has left out, and everything that is wrong with it.
type Ledger struct {
	// Late counts lines that are older than one that came before them.
	Late int
	// Unknown counts gaps whose size nobody knows.
	Unknown int

	containers map[string]*account
	youngest   time.Time
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
	l.order(line)
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

// order holds the merged stream to its promise: what is not in the order of time is marked.
func (l *Ledger) order(line Line) {
	if line.Late {
		l.Late++
	}
	older := line.Time.Before(l.youngest)
	if older != line.Late {
		l.complain("%s: a line of %s comes after one of %s, and is marked as late: %t", line.Container, line.Time, l.youngest, line.Late)
	}
	if !older {
		l.youngest = line.Time
	}
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

// Reopened says that the messages that follow are of another stream, which knows nothing of the order of the one before.
func (l *Ledger) Reopened() { l.youngest = time.Time{} }

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

// Settled says whether so many lines, of all containers, are accounted for.
func (l *Ledger) Settled(lines int) bool { return l.Received()+l.Dropped() >= lines }

// Check answers nil when of each container exactly as many lines came or are in gaps as it wrote (by its name), each in order.
func (l *Ledger) Check(written map[string]int) error {
	wrong := slices.Clone(l.wrong)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		if a, want := l.of(name), written[name]; a.received+a.dropped != want {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines came and %d are said to be left out, want %d together; the last is %d", name, a.received, a.dropped, want, a.last))
		}
	}
	for name, a := range l.containers {
		if _, ok := written[name]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s, which nobody asked for: %d lines, and %d left out", name, a.received, a.dropped))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong[:min(len(wrong), complaints)], "\n"))
	}
	return nil
}
