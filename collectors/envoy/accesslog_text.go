package envoy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// textFormat is a format as a row of operators with literal text before, between
// and behind them: literals[i] stands before operators[i], the last behind all.
type textFormat struct {
	literals  []string
	operators []operator
	// free are the first and the last operator whose value can have blanks, -1
	// if there is none.
	firstFree, lastFree int
}

// operator is one %COMMAND(ARGUMENTS):LENGTH%.
type operator struct {
	name string // without the percent signs and the length
	set  setter // nil for one that is no field of a RequestLog
	free bool   // its value can have blanks
}

// maxOperators is ten times what Istio's own format has.
const maxOperators = 256

// compile splits a format into operators and what stands between them. Two with
// nothing between them cannot be told apart in a line.
func compile(text string) (*textFormat, error) {
	f := &textFormat{firstFree: -1, lastFree: -1}
	var literal strings.Builder
	text = strings.TrimRight(text, "\r\n")
	for text != "" {
		before, rest, found := strings.Cut(text, "%")
		literal.WriteString(before)
		if !found {
			break
		}
		if after, ok := strings.CutPrefix(rest, "%"); ok {
			literal.WriteByte('%')
			text = after
			continue
		}
		name, after, ok := cutOperator(rest)
		if !ok {
			return nil, errors.New("the format has an operator that does not end")
		}
		if len(f.operators) > 0 && literal.Len() == 0 {
			return nil, fmt.Errorf("the format has nothing between %%%.100s%% and %%%.100s%%", f.operators[len(f.operators)-1].name, name)
		}
		f.add(literal.String(), newOperator(name))
		literal.Reset()
		text = after
	}
	f.literals = append(f.literals, literal.String())
	if strings.ContainsAny(strings.Join(f.literals, ""), "\r\n") {
		return nil, errors.New("the format has more than one line")
	}
	if len(f.operators) > maxOperators {
		return nil, fmt.Errorf("the format has more than %d operators", maxOperators)
	}
	return f, nil
}

func (f *textFormat) add(literal string, o operator) {
	if o.free {
		if f.firstFree < 0 {
			f.firstFree = len(f.operators)
		}
		f.lastFree = len(f.operators)
	}
	f.literals = append(f.literals, literal)
	f.operators = append(f.operators, o)
}

// cutOperator takes what stands between percent signs, which may itself have
// some between parentheses: START_TIME(%Y-%m-%d).
func cutOperator(text string) (name, rest string, ok bool) {
	depth := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '%' && depth <= 0:
			name = text[:i]
			if end := strings.LastIndexByte(name, ')'); end >= 0 {
				name = name[:end+1] // a length is of no interest
			} else {
				name, _, _ = strings.Cut(name, ":")
			}
			return name, text[i+1:], name != ""
		}
	}
	return "", "", false
}

// known counts the operators that are fields of a RequestLog.
func (f *textFormat) known() int {
	n := 0
	for i := range f.operators {
		if f.operators[i].set != nil {
			n++
		}
	}
	return n
}

// decode reads a line. What a client can put blanks and quotes into is read
// last: fields before it are found from the front, those behind it from the
// end, so that no client can pass off its own text as a status or an address.
func (f *textFormat) decode(r *mesh.RequestLog, line string) (extra []mesh.LogField, ok bool) {
	var room [40]string
	values := room[:0]
	if len(f.operators) > len(room) {
		values = make([]string, 0, len(f.operators))
	}
	values = values[:len(f.operators)]
	if !f.split(line, values) {
		return nil, false
	}
	for i, value := range values {
		o := &f.operators[i]
		if value == "-" {
			value = ""
		}
		switch {
		case o.set == nil:
			extra = append(extra, mesh.LogField{Name: o.name, Value: value})
		case value != "" && !o.set(r, value):
			return nil, false
		}
	}
	return extra, true
}

// split finds the value of each operator.
func (f *textFormat) split(line string, values []string) bool {
	last := len(f.operators)
	rest, ok := strings.CutSuffix(line, f.literals[last])
	if !ok || last == 0 {
		return false
	}
	if rest, ok = strings.CutPrefix(rest, f.literals[0]); !ok {
		return false
	}
	from, to := 0, last
	for ; from < last-1 && from != f.firstFree; from++ {
		if values[from], rest, ok = strings.Cut(rest, f.literals[from+1]); !ok || hasBlank(values[from]) {
			return false
		}
	}
	for ; to-1 > from && to-1 != f.lastFree; to-- {
		at := strings.LastIndex(rest, f.literals[to-1])
		if at < 0 {
			return false
		}
		values[to-1], rest = rest[at+len(f.literals[to-1]):], rest[:at]
		if hasBlank(values[to-1]) {
			return false
		}
	}
	return f.splitFree(rest, values, from, to)
}

// splitFree reads the operators between the first and the last whose values can
// have blanks: each ends where the literal behind it is seen first, the last
// takes what is left.
func (f *textFormat) splitFree(rest string, values []string, from, to int) bool {
	for i := from; i < to-1; i++ {
		var ok bool
		if values[i], rest, ok = strings.Cut(rest, f.literals[i+1]); !ok {
			return false
		}
		if !f.operators[i].free && hasBlank(values[i]) {
			return false
		}
	}
	values[to-1] = rest
	return f.operators[to-1].free || !hasBlank(rest)
}

func hasBlank(value string) bool { return strings.IndexByte(value, ' ') >= 0 }
