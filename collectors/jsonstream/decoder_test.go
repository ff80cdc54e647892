package jsonstream_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/collectors/jsonstream"
)

func TestAnAnswerIsReadWithinItsLimits(t *testing.T) {
	tooLarge := errors.New("too large")
	long := `"` + strings.Repeat("a", 1<<20) + `"`
	for _, test := range []struct {
		name, in   string
		size, held int64
		want       error
	}{
		{"as large as is allowed", `[1,2]`, 5, 100, nil},
		{"one byte more", `[1,2]`, 4, 100, tooLarge},
		{"of many small parts", "[" + strings.Repeat(`"a",`, 1<<19) + "1]", 4 << 20, 256 << 10, nil},
		{"one part of which is too large", "[" + long + "]", 4 << 20, 256 << 10, tooLarge},
		{"bytes that are no text, and a key twice", "{\"\xff\":1,\"\xff\":2}", 100, 100, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(test.in), iotest.HalfReader(strings.NewReader(test.in))} {
				dec := jsonstream.NewDecoder(in, jsonstream.Limits{Size: test.size, Held: test.held, TooLarge: tooLarge})
				if err := readAll(dec); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			}
		})
	}
}

// FuzzDecoder holds that bounds change nothing of what keeps within them, and
// that nothing is read beyond them.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(`{"a":["b",1,null,{"c":true}]}`), uint16(100), uint16(100))
	f.Add([]byte(`["a long text that is held","b"]`), uint16(100), uint16(8))
	f.Add([]byte("{\"\xff\":1,\"\xff\":2} [] 3"), uint16(7), uint16(100))
	f.Fuzz(func(t *testing.T, in []byte, size, held uint16) {
		tooLarge := errors.New("too large")
		count := &counted{r: bytes.NewReader(in)}
		got := readAll(jsonstream.NewDecoder(count, jsonstream.Limits{Size: int64(size), Held: int64(held), TooLarge: tooLarge}))
		if count.n > int64(size)+1 {
			t.Errorf("%d bytes were read of at most %d", count.n, size)
		}
		if len(in) > int(size) || len(in) > int(held) {
			return
		}
		want := readAll(jsontext.NewDecoder(bytes.NewReader(in), jsonstream.Options))
		if (got == nil) != (want == nil) || errors.Is(got, tooLarge) {
			t.Errorf("got %v, want what is said without bounds: %v", got, want)
		}
	})
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// readAll passes over all tokens; nil if there is nothing wrong with them.
func readAll(dec *jsontext.Decoder) error {
	for {
		if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
