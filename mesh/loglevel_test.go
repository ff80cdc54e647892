package mesh_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// What tracing-subscriber 0.3.23, which ztunnel uses, makes of the same text.
func TestAFilterReadsAsZtunnelReadsIt(t *testing.T) {
	tests := map[string]string{
		"hickory_server::server=off,info":                                                             "hickory_server::server=off,info",
		"hickory_server::server=off,INFO":                                                             "hickory_server::server=off,info",
		"hickory_server::server=off,3":                                                                "hickory_server::server=off,info",
		"hickory_server::server=off,":                                                                 "hickory_server::server=off,error",
		"hickory_server::server=off,access":                                                           "hickory_server::server=off,access=trace",
		"hickory_server::server=off,hickory_server::server=info,info":                                 "hickory_server::server=info,info",
		"hickory_server::server=off,info, access=debug":                                               "hickory_server::server=off, access=debug,info",
		"hickory_server::server=off,info,foo[{bar}]=trace":                                            "hickory_server::server=off,foo[{bar}]=trace,info",
		"hickory_server::server=off,info,access=debug,waylight_until_1764000000=off":                  "waylight_until_1764000000=off,hickory_server::server=off,access=debug,info",
		"hickory_server::server=off,info,access=debug,access=info":                                    "hickory_server::server=off,access=info,info",
		"hickory_server::server=off,info,a=1,b=2,ab=3":                                                "hickory_server::server=off,ab=info,b=warn,a=error,info",
		"hickory_server::server=off,info,access=":                                                     "hickory_server::server=off,access=error,info",
		"hickory_server::server=off,info,=debug":                                                      "hickory_server::server=off,=debug,info",
		"hickory_server::server=off,info,ztunnel::state=debug,ztunnel::rbac=debug,zz=trace":           "hickory_server::server=off,ztunnel::state=debug,ztunnel::rbac=debug,zz=trace,info",
		"hickory_server::server=off,info,waylight_until_1764000000=off,waylight_until_1764000300=off": "waylight_until_1764000300=off,waylight_until_1764000000=off,hickory_server::server=off,info",
	}
	for in, want := range tests {
		got, err := mesh.ParseLogFilter(in)
		if err != nil || got.String() != want {
			t.Errorf("%q is %q, want %q (%v)", in, got, want, err)
		}
	}
	for _, in := range []string{"access=loud", "access=debug=info", "access= debug", strings.Repeat("a=info,", 300), strings.Repeat("a", 20_000)} {
		if got, err := mesh.ParseLogFilter(in); err == nil {
			t.Errorf("%.40q is taken as %.40q", in, got)
		}
	}
}

func TestTheMostSpecificDirectiveCounts(t *testing.T) {
	f := filter(t, "hickory_server::server=off,ztunnel::proxy=trace,ztunnel=off,=warn")
	for target, want := range map[string]mesh.LogLevel{
		"access": mesh.LogWarn, "ztunnel::proxy::inbound": mesh.LogTrace, "ztunnel::state": mesh.LogOff, "hickory_server::server::x": mesh.LogOff, "": mesh.LogWarn,
	} {
		if got := f.At(target); got != want {
			t.Errorf("%q is %s, want %s", target, got, want)
		}
	}
	if got := filter(t, "access=info").At("h2"); got != mesh.LogOff {
		t.Errorf("what no directive is for is %s", got)
	}
}

func TestDifferencesAreOfWhatIsLoggedAndNotOfText(t *testing.T) {
	tests := []struct{ words, is, initial, want string }{
		{"the same", "hickory_server::server=off,info", "hickory_server::server=off,info", ""},
		{"the same in another order", "info,hickory_server::server=off", "hickory_server::server=off,info", ""},
		{"a module named with the level it has anyway", "hickory_server::server=off,access=info,info", "hickory_server::server=off,info", ""},
		{"only the marker", "waylight_until_1764000000=off,hickory_server::server=off,info", "hickory_server::server=off,info", ""},
		{"one module raised", "hickory_server::server=off,access=debug,info", "hickory_server::server=off,info", "access is debug instead of info"},
		{"all raised", "hickory_server::server=off,debug", "hickory_server::server=off,info", "everything else is debug instead of info"},
		{"a quieter one", "hickory_server::server=off,access=off,info", "hickory_server::server=off,info", "access is off instead of info"},
		{"a default that is loud itself", "hickory_server::server=off,debug", "hickory_server::server=off,debug", ""},
		{"below a loud default", "hickory_server::server=off,info", "hickory_server::server=off,ztunnel=debug,info", "ztunnel is info instead of debug"},
		{"raised below a quiet one", "ztunnel::xds=trace,ztunnel=off,info", "ztunnel=off,info", "ztunnel::xds is trace instead of off"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			var words []string
			for _, d := range filter(t, tt.is).Differences(filter(t, tt.initial)) {
				words = append(words, d.String())
			}
			if got := strings.Join(words, "; "); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAFilterSaysUntilWhenItIs(t *testing.T) {
	tests := map[string]int64{
		"info":                               0,
		"waylight_until_1764000000=off,info": 1764000000,
		"waylight_until_1764000300=off,waylight_until_1764000000=off,info": 1764000300,
		"waylight_until_=off,info":                     0,
		"waylight_until_-5=off,info":                   0,
		"waylight_until_99999999999999999999=off,info": 0,
		"waylight_until_12x=off,info":                  0,
		"xwaylight_until_1764000000=off,info":          0,
	}
	for text, want := range tests {
		got, ok := filter(t, text).Until()
		if ok != (want != 0) || ok && got.Unix() != want {
			t.Errorf("%s: until %v, %v", text, got, ok)
		}
	}
	if got := filter(t, "waylight_until_1764000000=off,access=debug,info").WithoutMarkers().String(); got != "access=debug,info" {
		t.Errorf("without markers: %s", got)
	}
}

func TestAChangeIsModulesAndLevelsAndNothingElse(t *testing.T) {
	for in, want := range map[string]string{
		"access=debug":                         "access=debug",
		"access=debug, ztunnel::proxy=trace ,": "access=debug,ztunnel::proxy=trace",
		"debug":                                "debug",
		"warn,access=off":                      "warn,access=off",
	} {
		if got, err := mesh.ParseLogChange(in); err != nil || got.String() != want {
			t.Errorf("%q is %q, want %q (%v)", in, got, want, err)
		}
	}
	for _, in := range []string{
		"", " , ", "access", "access:debug", "access=", "access=DEBUG", "access=5", "=debug", "access=debug=info", "access=debug,access=info", "debug,info",
		"Access=debug", "a b=debug", "a&reset=1=debug", "access=debug&reset=", "a[{b}]=debug", "a::=debug", "::a=debug", "a:b=debug", "a\n=debug", "a\r\nHost: x=debug", "ä=debug", "a%2c=debug",
		"waylight_until_1=off", "waylight_until_9999999999=debug", strings.Repeat("a", 101) + "=debug", "a=1,b=1", "a=info,b=info,c=info,d=info,e=info,f=info,g=info,h=info,i=info",
	} {
		if got, err := mesh.ParseLogChange(in); err == nil || !got.IsZero() {
			t.Errorf("%q is taken as %q", in, got)
		}
	}
}

func TestAChangeBeginsFromTheDefault(t *testing.T) {
	c, err := mesh.ParseLogChange("access=debug,warn")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.After(filter(t, "hickory_server::server=off,ztunnel::xds=debug,info")).String(); got != "hickory_server::server=off,ztunnel::xds=debug,access=debug,warn" {
		t.Errorf("after: %s", got)
	}
	if got := c.Until(time.Unix(1764000000, 5)); got != "access=debug,warn,waylight_until_1764000000=off" {
		t.Errorf("until: %s", got)
	}
}

func TestTheDefaultIsWhatThePodWasStartedWith(t *testing.T) {
	for want, pod := range map[string]*mesh.Workload{
		"hickory_server::server=off,info":               {},
		"hickory_server::server=off,debug":              started("debug"),
		"hickory_server::server=off,ztunnel=trace,warn": started("warn,ztunnel=trace"),
	} {
		got, err := mesh.DefaultLogFilter(pod)
		if diff := cmp.Diff(want, got.String()); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	if _, err := mesh.DefaultLogFilter(started("a=b")); err == nil {
		t.Error("a ztunnel does not start with that")
	}
}

func started(rustLog string) *mesh.Workload {
	return &mesh.Workload{Containers: []mesh.Container{{Name: "istio-proxy", Env: map[string]string{"RUST_LOG": rustLog}}}}
}

func filter(t *testing.T, text string) mesh.LogFilter {
	t.Helper()
	f, err := mesh.ParseLogFilter(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

func FuzzLogFilter(f *testing.F) {
	for _, seed := range []string{"hickory_server::server=off,info", "a=1,b", "=debug", "waylight_until_1764000000=off", "foo[{bar}]=trace"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, err := mesh.ParseLogFilter(text)
		if err != nil {
			return
		}
		again, err := mesh.ParseLogFilter(one.String())
		if err != nil || again.String() != one.String() || len(one.Differences(again)) > 0 {
			t.Errorf("%q is %q and then %q (%v)", text, one, again, err)
		}
		one.Until()
		if c, err := mesh.ParseLogChange(text); err == nil {
			if back, err := mesh.ParseLogChange(c.String()); err != nil || back.String() != c.String() {
				t.Errorf("change %q does not read back: %v", c, err)
			}
		}
	})
}
