package logclient

import (
	"testing"
	"time"
)

// lines is a message with lines of one container.
func lines(container string, numbers ...int) Message {
	m := Message{Type: "lines"}
	for _, n := range numbers {
		m.Lines = append(m.Lines, Line{Container: container, Raw: Numbered(n)})
	}
	return m
}

// at is a message with lines of one second.
func at(second int64, late bool, container string, numbers ...int) Message {
	m := lines(container, numbers...)
	for i := range m.Lines {
		m.Lines[i].Time, m.Lines[i].Late = time.Unix(second, 0), late
	}
	return m
}

func gap(container string, dropped int) Message {
	return Message{Type: "gap", Container: container, Dropped: dropped}
}

func TestLedger(t *testing.T) {
	for _, tt := range []struct {
		words    string
		messages []Message
		right    bool
	}{
		{"all lines in order", []Message{lines("a", 1, 2), lines("b", 1, 2), lines("a", 3), lines("b", 3)}, true},
		{"a gap that adds up", []Message{lines("a", 1), gap("a", 2), lines("b", 1, 2, 3)}, true},
		{"a line is lost", []Message{lines("a", 1, 3), lines("b", 1, 2, 3)}, false},
		{"a gap that counts too much", []Message{lines("a", 1, 2), gap("a", 2), lines("b", 1, 2, 3)}, false},
		{"a line comes twice", []Message{lines("a", 1, 2, 2), lines("b", 1, 2, 3)}, false},
		{"two lines change places", []Message{lines("a", 2, 1, 3), lines("b", 1, 2, 3)}, false},
		{"a container is missing", []Message{lines("a", 1, 2, 3)}, false},
		{"a late line that is marked", []Message{lines("a", 1, 2, 3), at(2, false, "b", 1, 2), at(1, true, "b", 3)}, true},
		{"a late line that is not marked", []Message{lines("a", 1, 2, 3), at(2, false, "b", 1, 2), at(1, false, "b", 3)}, false},
		{"a line that is in time and marked as late", []Message{lines("a", 1, 2, 3), at(2, false, "b", 1, 2), at(2, true, "b", 3)}, false},
		{"lines of a container that was not asked for", []Message{lines("a", 1, 2, 3), lines("b", 1, 2, 3), lines("c", 1)}, false},
		{"half a line", []Message{lines("a", 1, 2, 3), lines("b", 1, 2), {Lines: []Line{{Container: "b", Raw: Numbered(3)[:9]}}}}, false},
	} {
		t.Run(tt.words, func(t *testing.T) {
			var ledger Ledger
			for _, m := range tt.messages {
				ledger.Add(m)
			}
			if err := ledger.Check(map[string]int{"a": 3, "b": 3}); (err == nil) != tt.right {
				t.Errorf("got %v", err)
			}
		})
	}
}
