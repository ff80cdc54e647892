package views

import (
	"net/url"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/waylight/waylight/mesh"
)

// Names of the parameters of a change of a log level.
const (
	paramLevel   = "level"
	paramFor     = "for"
	paramReset   = "reset"
	paramSeen    = "seen"
	paramConfirm = "confirm"
)

// logWishLength is how long a level is raised for unless another time is chosen.
const logWishLength = 15 * time.Minute

// LogLevelWish is a change of a log level that somebody asks for.
type LogLevelWish struct {
	// Text is the change as typed, Change what it means; the zero one with
	// Reset for back to the default.
	Text   string
	Change mesh.LogChange
	Reset  bool
	For    time.Duration
	// Pod is the ztunnel it is for, as Query.Pod.
	Pod string
	// Seen is the filter that was shown when it was asked for.
	Seen string
	// Asked tells that something was asked for, good or bad.
	Asked bool
	// Confirmed tells that what follows was shown, and said yes to.
	Confirmed bool
	// Problem is a sentence on why it cannot be done; empty if it can.
	Problem string
}

// ParseLogLevelWish reads a wish from an address or a form.
func ParseLogLevelWish(v url.Values) LogLevelWish {
	w := LogLevelWish{
		Text: bounded(v.Get(paramLevel)), Reset: v.Has(paramReset), Pod: bounded(v.Get(paramPod)), For: logWishLength,
		Seen: bounded(v.Get(paramSeen)), Asked: v.Has(paramLevel) || v.Has(paramReset), Confirmed: v.Get(paramConfirm) == "yes",
	}
	w.check(bounded(v.Get(paramFor)))
	return w
}

// NewLogLevelWish makes a wish of what a program asks for.
func NewLogLevelWish(level, length string, reset bool) LogLevelWish {
	w := LogLevelWish{Text: bounded(level), Reset: reset, For: logWishLength}
	w.check(bounded(length))
	return w
}

// check finds what the wish means, and what is wrong with it.
func (w *LogLevelWish) check(length string) {
	if w.Reset {
		if w.Text != "" {
			w.Problem = "A reset takes no level beside it."
		}
		return
	}
	change, err := mesh.ParseLogChange(w.Text)
	if err != nil {
		w.Problem = asSentence(err.Error())
		return
	}
	w.Change = change
	if length == "" {
		return
	}
	d, err := time.ParseDuration(length)
	if err != nil || d < mesh.LogChangeShortest || d > mesh.LogChangeLongest {
		w.Problem = "A level can be raised for " + lengthWords(mesh.LogChangeShortest) + " to " + lengthWords(mesh.LogChangeLongest) + ", written as 15m or 1h."
		return
	}
	w.For = d.Truncate(time.Second)
}

// kept are the parameters that say whose level it is.
func (w *LogLevelWish) kept(q Query) url.Values {
	v := url.Values{}
	if q.Namespace != "" {
		v.Set(paramNamespace, q.Namespace)
	}
	if w.Pod != "" {
		v.Set(paramPod, w.Pod)
	}
	return v
}

// asSentence makes a sentence of an error.
func asSentence(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	return cellText(string(unicode.ToUpper(first)) + reason[size:] + ".")
}

// again are the parameters that fill the form with the wish.
func (w *LogLevelWish) again(q Query) url.Values {
	v := w.kept(q)
	if !w.Reset {
		v.Set(paramLevel, w.Text)
		v.Set(paramFor, w.For.String())
	}
	return v
}
