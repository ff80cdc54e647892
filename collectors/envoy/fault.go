package envoy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// rawPercent is a part of a hundred, of ten thousand or of a million.
type rawPercent struct {
	Numerator   number `json:"numerator"`
	Denominator enum   `json:"denominator"`
}

// String is the percentage with as many digits as it has.
func (p rawPercent) String() string { return strconv.FormatFloat(p.percent(), 'f', -1, 64) + "%" }

func (p rawPercent) percent() float64 {
	of := 100.0
	switch p.Denominator {
	case "TEN_THOUSAND", "1":
		of = 10_000
	case "MILLION", "2":
		of = 1_000_000
	}
	return float64(p.Numerator) / of * 100
}

// rawFault is the fault filter's configuration for one route, which can also be
// wrapped in a FilterConfig.
type rawFault struct {
	Config jsontext.Value `json:"config"`
	Delay  *struct {
		FixedDelay *duration  `json:"fixed_delay"`
		Percentage rawPercent `json:"percentage"`
	} `json:"delay"`
	Abort *struct {
		HTTPStatus number     `json:"http_status"`
		GRPCStatus *number    `json:"grpc_status"`
		Percentage rawPercent `json:"percentage"`
	} `json:"abort"`
	Headers jsontext.Value `json:"headers"`
}

// fault finds the faults among what a route tells the filters.
func (d *decoding) fault(perFilter jsontext.Value) (words string, faults *mesh.EnvoyFault) {
	members(d.walker, "configuration of a filter for a route", perFilter, func(_ string, config *jsontext.Value) {
		kind, content := d.typed("configuration of a filter for a route", *config)
		if kind == "envoy.config.route.v3.FilterConfig" {
			if wrapped := one[rawFault](d.walker, "fault", content); wrapped != nil {
				kind, content = d.typed("fault", wrapped.Config)
			}
		}
		if kind != "envoy.extensions.filters.http.fault.v3.HTTPFault" {
			return
		}
		if raw := one[rawFault](d.walker, "fault", content); raw != nil {
			words, faults = raw.words(), d.structured(raw)
		}
	})
	return words, faults
}

func (f *rawFault) words() string {
	var words []string
	if f.Delay != nil {
		by := "as the request asks"
		if f.Delay.FixedDelay != nil {
			by = "by " + f.Delay.FixedDelay.String()
		}
		words = append(words, fmt.Sprintf("%s delayed %s", f.Delay.Percentage, by))
	}
	if f.Abort != nil {
		with := "as the request asks"
		switch {
		case f.Abort.GRPCStatus != nil:
			with = fmt.Sprintf("with gRPC status %d", *f.Abort.GRPCStatus)
		case f.Abort.HTTPStatus > 0:
			with = fmt.Sprintf("with %d", f.Abort.HTTPStatus)
		}
		words = append(words, fmt.Sprintf("%s aborted %s", f.Abort.Percentage, with))
	}
	return strings.Join(words, ", ")
}
