package views

import (
	"strconv"
	"strings"
)

// shortHost is a Service's host without what all Services of a mesh share:
// "orders.shop".
func shortHost(host string) string {
	short, _, _ := strings.Cut(host, ".svc.")
	return strings.TrimSuffix(short, ".svc")
}

// portOf is ":8080" of "10.0.0.1:8080", empty where there is none.
func portOf(address string) string {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return ""
	}
	if _, err := strconv.ParseUint(address[i+1:], 10, 16); err != nil {
		return ""
	}
	return address[i:]
}

// bothWays is what went to the destination and what came back, in bytes; -1 is
// unknown.
func bothWays(to, back int64) string {
	if to < 0 && back < 0 {
		return ""
	}
	return "↑" + bytesText(to) + " ↓" + bytesText(back)
}

func bytesText(n int64) string {
	switch {
	case n < 0:
		return "?"
	case n < 10_000:
		return strconv.FormatInt(n, 10)
	case n < 10_000_000:
		return strconv.FormatInt((n+500)/1_000, 10) + "k"
	}
	return strconv.FormatInt((n+500_000)/1_000_000, 10) + "M"
}
