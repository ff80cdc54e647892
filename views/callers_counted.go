package views

import (
	"strconv"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/views/ui"
)

// CallerLinks is what was counted of the connections of a caller.
type CallerLinks struct {
	// Opened is how many, Sample of how many of them it is known how they were
	// secured, Share the part of those under mTLS, in percent. It is negative
	// without any.
	Opened, Sample, Share float64
	// Why says why nothing can be known; Complete tells that all who would count
	// them were read.
	Why      string
	Complete bool
}

// newCallerLinks is nil where nothing was counted at all.
func newCallerLinks(in *traffic.Inbound, c *path.Caller) *CallerLinks {
	if in == nil {
		return nil
	}
	x := in.Of(c)
	l := &CallerLinks{Opened: x.Opened, Sample: x.Encrypted + x.Plain, Share: -1}
	if share, known := x.MTLSShare(); known {
		l.Share = share
	}
	return l
}

// complete finds out what silence means.
func (l *CallerLinks) complete(in *traffic.Inbound, c *path.Caller) {
	if l != nil {
		l.Why, l.Complete = in.Why(c), in.Complete(c)
	}
}

func (l *CallerLinks) opened() float64 {
	if l == nil {
		return 0
	}
	return l.Opened
}

// Known tells that there is a number, be it 0.
func (l *CallerLinks) Known() bool { return l != nil && l.Why == "" && (l.Complete || l.Opened > 0) }

// unknown says why there is no share; empty where there is one, or no traffic.
func (l *CallerLinks) unknown() string {
	switch {
	case l.Why != "":
		return l.Why
	case l.Share >= 0, l.Known() && l.Opened == 0:
		return ""
	case l.Opened > 0:
		return "Who counted its connections does not say how they were secured."
	}
	return "Not all ztunnels that would count its connections were read."
}

// text is the share with its sample.
func (l *CallerLinks) text() (string, ui.Tone) {
	if l.Share < 0 {
		return noTraffic, ui.ToneNone
	}
	text := percentText(l.Share) + " of " + amount(l.Sample)
	if !l.Complete {
		text += ", as far as was read"
	}
	if l.Share < 100 {
		return text, ui.ToneWarn
	}
	return text, ui.ToneGood
}

// record are the columns of a spreadsheet, empty for what is not known.
func (l *CallerLinks) record() []string {
	opened, share := "", ""
	if l.Known() {
		opened = strconv.FormatFloat(l.Opened, 'f', -1, 64)
	}
	if l != nil && l.Share >= 0 {
		share = strconv.FormatFloat(l.Share, 'f', 1, 64)
	}
	return []string{opened, share}
}

// namelessText is about connections in plaintext that are of no caller; empty
// for none.
func namelessText(in *traffic.Inbound) string {
	x := in.Nameless()
	if x.Plain <= 0 {
		return ""
	}
	return amount(x.Plain) + " connections arrived in plaintext from callers that no metric names: they are of none of these rows."
}
