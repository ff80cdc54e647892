package prometheus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

// File is an answer of a Prometheus that was recorded, with its question:
// {"query","kind":"instant|range","start","end","step","response"}.
type File struct {
	Path string
	Open func() (io.ReadCloser, error)
}

// Recorded is the traffic that recorded answers tell. It is nil where not all
// the questions about flows are among them, over one window: what was not asked
// must not pass for zero. Ranges are how many files answer for a chart, of which
// nothing is made. Problems are files that could not be read.
func Recorded(ctx context.Context, files []File, proxies []traffic.Proxy) (t *mesh.Traffic, ranges int, problems []string) {
	recorded := archive{byQuery: make(map[string]File)}
	for _, f := range files {
		if err := recorded.add(f); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %s", f.Path, err))
		}
	}
	window, ok := recorded.window()
	if !ok {
		return nil, recorded.ranges, problems
	}
	t, _, err := collect(ctx, &recorded, proxies, recorded.at, window)
	if err != nil {
		return nil, recorded.ranges, append(problems, err.Error())
	}
	return t, recorded.ranges, problems
}

// archive answers from files what was asked when they were recorded.
type archive struct {
	byQuery map[string]File
	at      time.Time // of the newest answer
	ranges  int
}

var errKind = errors.New("it is no answer to an instant query")

// add notes what a file answers.
func (a *archive) add(f File) error {
	var query, kind, end string
	err := f.read(func(d *decoder, name string) (err error) {
		switch name {
		case "query":
			query, err = d.whole()
		case "kind":
			kind, err = d.text()
		case "end":
			end, err = d.text()
		default:
			err = d.in.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return readable(err)
	case kind == "range":
		a.ranges++
		return nil
	case kind != "instant" || query == "":
		return errKind
	}
	if at, err := time.Parse(time.RFC3339, end); err == nil && at.After(a.at) {
		a.at = at.UTC()
	}
	a.byQuery[query] = f
	return nil
}

// read calls member for each key of a file.
func (f File) read(member func(d *decoder, name string) error) error {
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	d := newDecoder(content, maxAnswer)
	return d.object(func(name string) error { return member(d, name) })
}

// whole reads a string without shortening it.
func (d *decoder) whole() (string, error) {
	if d.in.PeekKind() != '"' {
		return "", d.in.SkipValue()
	}
	token, err := d.in.ReadToken()
	return token.String(), err
}

// within finds a window in a query.
var within = regexp.MustCompile(`\[(\d{1,6})([smhd])\]`)

// window is over which time the flows were asked for.
func (a *archive) window() (time.Duration, bool) {
	for query := range a.byQuery {
		found := within.FindStringSubmatch(query)
		if found == nil {
			continue
		}
		unit := map[string]string{"s": "s", "m": "m", "h": "h", "d": "h"}[found[2]]
		length, err := time.ParseDuration(found[1] + unit)
		if found[2] == "d" {
			length *= 24
		}
		if err == nil && length > 0 && query == over(Requests, length) {
			return length, true
		}
	}
	return 0, false
}

// ask implements asker.
func (a *archive) ask(ctx context.Context, name, promQL string) (*answer, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	f, ok := a.byQuery[promQL]
	if !ok {
		return nil, fmt.Errorf("the answer about %s was not recorded", name)
	}
	var got *answer
	err := f.read(func(d *decoder, name string) (err error) {
		if name != "response" {
			return d.in.SkipValue()
		}
		got, err = d.finish(d.object(d.top))
		return err
	})
	if err == nil && got == nil {
		err = errors.New("it holds no response")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, readable(err))
	}
	return got, nil
}
