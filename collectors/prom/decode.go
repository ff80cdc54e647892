package prom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Bounds of an answer.
const (
	// MaxSize bounds it, in bytes: a waypoint with 4,000 services behind it
	// writes some tens of megabytes.
	MaxSize = 256 << 20
	// maxLines bounds its lines, which take time however short they are.
	maxLines = 4_000_000
	// maxLine bounds a line; a series with every label at its longest is 8 KiB.
	maxLine = 64 << 10
	// maxSeries and maxKept, in bytes, bound what is kept of it.
	maxSeries = 200_000
	maxKept   = 64 << 20
	// maxLabels bounds the labels of a series.
	maxLabels = 64
)

// endMark is the last line of OpenMetrics.
const endMark = "# EOF"

// Errors of a whole answer.
var (
	ErrTooLarge   = errors.New("the metrics are larger than any proxy's")
	ErrNotMetrics = errors.New("the answer holds no metrics")
)

// Decode reads the metrics that a proxy answered at a moment. A line with an
// error costs that line, counted.
func Decode(r io.Reader, at time.Time) (*mesh.Scrape, error) {
	d := &decoder{
		scrape: &mesh.Scrape{At: at},
		sets:   make(map[string]*labelSet), words: make(map[string]string),
	}
	lines := newLines(r)
	for !d.ended {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, errLine) {
			d.skip(err)
			continue
		}
		if err != nil {
			return nil, err
		}
		d.line(line)
	}
	if len(d.scrape.Series)+d.scrape.Others+d.scrape.Dropped == 0 {
		return nil, ErrNotMetrics
	}
	slices.SortStableFunc(d.scrape.Series, func(a, b mesh.Series) int { return strings.Compare(a.Name, b.Name) })
	return d.scrape, nil
}

// decoder collects the series of one answer.
type decoder struct {
	scrape *mesh.Scrape
	ended  bool // by OpenMetrics' own mark
	sets   map[string]*labelSet
	words  map[string]string // names and values that were seen
	kept   int               // bytes, roughly
}

// labelSet is a list of labels with the names of the series that have it.
type labelSet struct {
	labels mesh.Labels
	series []string
}

// line reads one line: a comment, or a series.
func (d *decoder) line(line []byte) {
	line = bytes.TrimSpace(line)
	switch {
	case string(line) == endMark:
		d.ended = true
	case len(line) == 0 || line[0] == '#':
	default:
		if err := d.sample(line); err != nil {
			d.skip(err)
		}
	}
}

// skip counts a line that cannot be read.
func (d *decoder) skip(err error) {
	if d.scrape.Skipped == 0 {
		d.scrape.FirstSkipped = err.Error()
	}
	d.scrape.Skipped++
}

// afterName is what labels or a number begin with.
const afterName = "{+-.0123456789NnIi"

// sample reads a series: name{labels} value, and a time or an exemplar that is
// of no use here. Of one that is not wanted no more than the name is looked at.
func (d *decoder) sample(line []byte) error {
	end := bytes.IndexAny(line, "{ \t")
	if end <= 0 || !nameLike(string(line[:end])) {
		return fmt.Errorf("%s begins with no name", quoted(string(line)))
	}
	tail := bytes.TrimLeft(line[end:], " \t")
	if strings.IndexByte(afterName, tail[0]) < 0 {
		return fmt.Errorf("%s is no series", quoted(string(line)))
	}
	name, ok := wanted[string(line[:end])]
	if !ok {
		d.scrape.Others++
		return nil
	}
	rest, raw := string(tail), ""
	if rest[0] == '{' {
		size := labelsEnd(rest)
		if size < 0 {
			return fmt.Errorf("%s: its labels have no end", name)
		}
		raw, rest = rest[1:size], rest[size+1:]
	}
	value, err := readValue(rest)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return d.add(name, raw, value)
}

// add keeps a series, if there is room for it.
func (d *decoder) add(name, raw string, value float64) error {
	if len(d.scrape.Series) >= maxSeries || d.kept > maxKept {
		d.scrape.Dropped++
		return nil
	}
	set, ok := d.sets[raw]
	if !ok {
		labels, err := d.readLabels(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		set = &labelSet{labels: labels}
		d.sets[strings.Clone(raw)] = set
		d.kept += len(raw) + labelCost*len(labels)
	}
	if slices.Contains(set.series, name) {
		return fmt.Errorf("%s: the same series is there twice", name)
	}
	set.series = append(set.series, name)
	d.kept += seriesCost
	d.scrape.Series = append(d.scrape.Series, mesh.Series{Name: name, Labels: set.labels, Value: value})
	return nil
}

// What a label and a series take, in bytes, beside the text.
const (
	labelCost  = 32
	seriesCost = 80
)

// readValue reads the number after a name and labels, behind which a time may
// stand, and an exemplar behind a #. Nothing that Waylight reads is ever
// infinite or no number: such a one would spoil every sum.
func readValue(text string) (float64, error) {
	text, _, _ = strings.Cut(text, "#")
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 2 {
		return 0, fmt.Errorf("%s is no number", quoted(text))
	}
	for _, f := range fields[1:] {
		if _, err := strconv.ParseFloat(f, 64); err != nil {
			return 0, fmt.Errorf("%s is no time", quoted(f))
		}
	}
	v, err := strconv.ParseFloat(fields[0], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is no number", quoted(fields[0]))
	}
	return v, nil
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

// quoted quotes the beginning of a text from outside.
func quoted(text string) string {
	const limit = 60
	if len(text) > limit {
		text = text[:limit] + "…"
	}
	return strconv.Quote(strings.ToValidUTF8(text, "\uFFFD"))
}
