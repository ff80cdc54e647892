package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

func TestAMuteIsReadAsItIsWritten(t *testing.T) {
	until := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, subject := range []mesh.Ref{{Kind: "Service", Namespace: "shop", Name: "orders"}, {Kind: "Node", Name: "node-a"}, mesh.MeshRef, {Kind: "Pod", Namespace: "shop", Name: "a@b:c/d"}} {
		want := Mute{Cause: Cause{Code: "A_CODE", Subject: subject}, Until: until}
		got, err := ParseMute(want.String())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", want, err, diff)
		}
	}
}

func TestWhatIsNoMuteIsRefused(t *testing.T) {
	for name, s := range map[string]string{
		"no end":                        "CODE:Service/shop/orders",
		"an end that is no time":        "CODE:Service/shop/orders@tomorrow",
		"no subject":                    "CODE:@2026-11-23T10:00Z",
		"a subject without a namespace": "CODE:Service/orders@2026-11-23T10:00Z",
		"no code":                       ":Service/shop/orders@2026-11-23T10:00Z",
		"nothing":                       "",
	} {
		if m, err := ParseMute(s); err == nil {
			t.Errorf("%s: %q is read as %+v", name, s, m)
		}
	}
}

func FuzzParseMute(f *testing.F) {
	f.Add("CODE:Service/shop/orders@2026-11-23T10:00Z")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMute(s)
		if err != nil || m.Until.Year() < 0 || m.Until.Year() > 9999 {
			return
		}
		again, err := ParseMute(m.String())
		if err != nil || again.Cause != m.Cause {
			t.Errorf("%q becomes %q: %v", s, m, err)
		}
	})
}

func TestReadMutes(t *testing.T) {
	list, err := ReadMutes(strings.NewReader("# known\n\nCODE Service/shop/orders 2026-11-23T10:00Z  until the new waypoint is out\nB Node//n 2026-11-24T00:00:00+01:00\n"))
	if err != nil || len(list) != 2 {
		t.Fatalf("%v: %+v", err, list)
	}
	if list[0].Reason != "until the new waypoint is out" || list[1].Until.UTC().Day() != 23 {
		t.Errorf("read %+v", list)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"a line without an end": {"\nCODE Service/shop/orders", "line 2"},
		"an end that is none":   {"CODE Service/shop/orders never because", `line 1: the end "never"`},
	} {
		if _, err := ReadMutes(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMuting(t *testing.T) {
	web, orders := resting("Service web", "Gateway waypoint"), resting("Service orders", "Gateway waypoint")
	follows := resting("Service late")
	follows.CausedBy = &Cause{Code: "A", Subject: web.Subject}
	r := run([]Check{says("A", Critical, web, orders), says("B", Warning, follows), says("C", Error, resting("Service alone"))})
	mute := func(code, name string, left time.Duration) Mute {
		return Mute{Cause: Cause{Code: code, Subject: shopRef("Service " + name)}, Until: r.At.Add(left)}
	}
	tests := []struct {
		name              string
		mutes             []Mute
		kept, muted, over int
	}{
		{"no mutes", nil, 4, 0, 0},
		{"a cause takes what follows from it along", []Mute{mute("A", "web", time.Hour), mute("A", "orders", time.Hour)}, 1, 1, 0},
		{"one of two that are one cause: it stays, and nothing of it is hidden", []Mute{mute("A", "web", time.Hour)}, 4, 0, 0},
		{"a mute that ran out mutes nothing and is said", []Mute{mute("C", "alone", 0)}, 4, 0, 1},
		{"a mute that was renewed holds, and the old one is said", []Mute{mute("C", "alone", -time.Hour), mute("C", "alone", time.Hour)}, 3, 1, 1},
		{"another code of the same subject", []Mute{mute("A", "alone", time.Hour)}, 4, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := r.Mute(tt.mutes)
			if got := []int{len(m.Kept.Findings), len(m.Muted), len(m.Over)}; !cmp.Equal(got, []int{tt.kept, tt.muted, tt.over}) {
				t.Errorf("kept, muted and over are %v, want %d, %d, %d", got, tt.kept, tt.muted, tt.over)
			}
			m.Kept.Causes() // what is kept holds together
		})
	}
}

func TestAMutedGroupComesBackWithItsFirstMember(t *testing.T) {
	end := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	m := MutedGroup{Mutes: []Mute{{Until: end.Add(time.Hour)}, {Until: end}}}
	if !m.Until().Equal(end) {
		t.Errorf("it comes back at %s", m.Until())
	}
}
