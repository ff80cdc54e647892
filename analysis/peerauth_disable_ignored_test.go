package analysis_test

import (
	"strings"
	"testing"
)

func TestPeerAuthDisableIgnored(t *testing.T) {
	off := map[uint16]string{8080: "DISABLE"}
	testCheck(t, "PEERAUTH_DISABLE_IGNORED", []checkCase{
		{name: "for the namespace", parts: shop(peerAuth("off", "DISABLE")), want: []string{"warning PeerAuthentication shop/off"}},
		{name: "for one port", parts: shop(peerAuth("off", "", selecting("app", "orders"), onPorts(off))), want: []string{"warning PeerAuthentication shop/off"}},
		{name: "silent: PERMISSIVE", parts: shop(peerAuth("off", "PERMISSIVE"))},
		{name: "silent: sidecars heed it", parts: withSidecars(peerAuth("off", "DISABLE"))},
		{name: "silent: ignored altogether, which is another finding", parts: shop(peerAuth("off", "DISABLE", inRoot, selecting("app", "orders")))},
	})
}

func TestPeerAuthDisableOnAPortStaysStrict(t *testing.T) {
	f := only(t, assess(shop(peerAuth("all", "STRICT"), peerAuth("off", "", selecting("app", "orders"), onPorts(map[uint16]string{8080: "DISABLE"})))...), "PEERAUTH_DISABLE_IGNORED")
	if !strings.Contains(f.Summary, "stays STRICT") {
		t.Errorf("summary %q", f.Summary)
	}
}
