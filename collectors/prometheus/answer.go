package prometheus

import (
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

// Bounds of an answer. A series of a flow is written in about a kilobyte, most
// of which is names of labels.
const (
	// maxAnswer bounds what is read, in bytes.
	maxAnswer = 128 << 20
	// maxHeld bounds one text or number of it, in bytes.
	maxHeld = 4 << 20
	// maxSamples and maxKept, in bytes, bound what is kept of it.
	maxSamples = 100_000
	maxKept    = 48 << 20
	// maxWarnings and maxText bound what Prometheus says beside numbers.
	maxWarnings = 10
	maxText     = 300
)

// Errors of a whole answer.
var (
	errTooLarge  = errors.New("the answer is larger than any about a mesh")
	errNotVector = errors.New("the answer is not a vector")
)

// answer is what Prometheus says to an instant query.
type answer struct {
	samples  []sample
	warnings []string
	// dropped counts samples that were too many, skipped those that could not
	// be read or are no number, as a rate of nothing is.
	dropped, skipped int
}

// sample is one number.
type sample struct {
	labels mesh.Labels
	value  float64
}

// apiError is what Prometheus says instead of an answer.
type apiError struct{ kind, text string }

// Error implements error.
func (e *apiError) Error() string {
	if e.text == "" {
		return "it refused the query: " + e.kind
	}
	return "it says: " + e.text
}

// decodeAnswer reads the answer to an instant query. A sample with an error
// costs that sample, counted.
func decodeAnswer(r io.Reader) (*answer, error) { return decodeWithin(r, maxAnswer) }

// decodeWithin reads no more than so many bytes.
func decodeWithin(r io.Reader, size int64) (*answer, error) {
	d := newDecoder(r, size)
	return d.finish(d.object(d.top))
}

// finish says what came of reading.
func (d *decoder) finish(err error) (*answer, error) {
	if err != nil {
		return nil, readable(err)
	}
	if d.status != "success" {
		return nil, &apiError{d.errorKind, d.errorText}
	}
	if d.kind != "vector" {
		return nil, errNotVector
	}
	return d.answer, nil
}

// readable puts what is wrong with JSON into words without its offsets.
func readable(err error) error {
	for _, own := range []error{errTooLarge, errNotVector} {
		if errors.Is(err, own) {
			return own
		}
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the answer is no JSON, or breaks off")
	}
	if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "jsontext: ") {
		return inner // reading failed, not what was read
	}
	return err
}

// decoder reads one answer.
type decoder struct {
	in     *jsontext.Decoder
	answer *answer
	words  map[string]string // names and values that were seen
	kept   int               // bytes, roughly

	status, kind, errorKind, errorText string
}

func newDecoder(r io.Reader, size int64) *decoder {
	return &decoder{
		in:     jsonstream.NewDecoder(r, jsonstream.Limits{Size: size, Held: maxHeld, TooLarge: errTooLarge}),
		answer: &answer{}, words: make(map[string]string),
	}
}

// object calls member for each key of an object; member reads the value.
func (d *decoder) object(member func(name string) error) error {
	if d.in.PeekKind() != '{' {
		if err := d.in.SkipValue(); err != nil {
			return err
		}
		return errors.New("the answer is not one of Prometheus")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	for d.in.PeekKind() != '}' {
		name, err := d.in.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := d.in.ReadToken()
	return err
}

// list calls element for each value of a list, which it reads.
func (d *decoder) list(element func() error) error {
	if d.in.PeekKind() != '[' {
		return d.in.SkipValue()
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	for d.in.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.in.ReadToken()
	return err
}

func (d *decoder) top(name string) (err error) {
	switch name {
	case "status":
		d.status, err = d.text()
	case "errorType":
		d.errorKind, err = d.text()
	case "error":
		d.errorText, err = d.text()
	case "data":
		if d.in.PeekKind() != '{' {
			return d.in.SkipValue()
		}
		return d.object(d.data)
	case "warnings":
		return d.list(d.warning)
	default:
		return d.in.SkipValue()
	}
	return err
}

func (d *decoder) data(name string) (err error) {
	switch name {
	case "resultType":
		d.kind, err = d.text()
	case "result":
		if d.kind != "" && d.kind != "vector" {
			return errNotVector
		}
		return d.list(d.sample)
	default:
		return d.in.SkipValue()
	}
	return err
}

// warning keeps a warning: parts of the answer may be missing.
func (d *decoder) warning() error {
	text, err := d.text()
	if err == nil && text != "" && len(d.answer.warnings) < maxWarnings {
		d.answer.warnings = append(d.answer.warnings, text)
	}
	return err
}

// sample reads {"metric":{…},"value":[time,"number"]}.
func (d *decoder) sample() error {
	if d.in.PeekKind() != '{' {
		d.answer.skipped++
		return d.in.SkipValue()
	}
	if len(d.answer.samples) >= maxSamples || d.kept > maxKept {
		d.answer.dropped++
		return d.in.SkipValue()
	}
	one, number := sample{}, ""
	err := d.object(func(name string) error {
		var err error
		switch name {
		case "metric":
			one.labels, err = d.labels()
		case "value":
			number, err = d.value()
		default:
			err = d.in.SkipValue()
		}
		return err
	})
	if err != nil {
		return err
	}
	one.value, err = strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(one.value) || math.IsInf(one.value, 0) {
		d.answer.skipped++
		return nil
	}
	d.kept += sampleCost
	d.answer.samples = append(d.answer.samples, one)
	return nil
}

// What a sample and a label take, in bytes, beside the text.
const (
	sampleCost = 48
	labelCost  = 32
)

// labels reads the labels of a sample.
func (d *decoder) labels() (mesh.Labels, error) {
	if d.in.PeekKind() != '{' {
		return nil, d.in.SkipValue()
	}
	var out mesh.Labels
	err := d.object(func(name string) error {
		name = d.share(name)
		if d.in.PeekKind() != '"' {
			return d.in.SkipValue()
		}
		value, err := d.in.ReadToken()
		if err != nil {
			return err
		}
		out = append(out, mesh.Label{Name: name, Value: d.share(value.String())})
		d.kept += labelCost
		return nil
	})
	slices.SortStableFunc(out, func(a, b mesh.Label) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// value reads [time,"number"] and answers the number as it is written.
func (d *decoder) value() (number string, err error) {
	place := 0
	err = d.list(func() error {
		place++
		if place != 2 || d.in.PeekKind() != '"' {
			return d.in.SkipValue()
		}
		token, err := d.in.ReadToken()
		number = token.String()
		return err
	})
	return number, err
}

// text reads a string, bounded, and passes over anything else.
func (d *decoder) text() (string, error) {
	if d.in.PeekKind() != '"' {
		return "", d.in.SkipValue()
	}
	token, err := d.in.ReadToken()
	if err != nil {
		return "", err
	}
	return plain(token.String()), nil
}

// share returns a copy of a text that all who have the same one use.
func (d *decoder) share(text string) string {
	if s, ok := d.words[text]; ok {
		return s
	}
	s := strings.Clone(text)
	d.words[s] = s
	d.kept += len(s) + labelCost
	return s
}

// plain makes a text from outside fit for a line: bounded, and without control
// characters.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
