// Answers questions with the real OPA: JSON lines in, JSON lines out. It is the peer that
// tests/differential compares gate-rego with; scripts/peers.sh builds it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type question struct {
	Modules map[string]string `json:"modules"`
	Data    map[string]any    `json:"data"`
	Input   *any              `json:"input"`
	Query   string            `json:"query"`
	Strict  bool              `json:"strict"`
	V0      bool              `json:"v0"`
}

type answer struct {
	// One entry a result: the values of its expressions and its bindings.
	Results []result `json:"results"`
	// OPA's code of the first error, and its words.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

type result struct {
	Expressions []any          `json:"expressions"`
	Bindings    map[string]any `json:"bindings"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			encoded, marshalErr := json.Marshal(ask(line))
			if marshalErr != nil {
				encoded, _ = json.Marshal(answer{Code: "oracle", Message: marshalErr.Error()})
			}
			out.Write(append(encoded, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func ask(line []byte) (given answer) {
	defer func() {
		if panicked := recover(); panicked != nil {
			given = answer{Code: "oracle", Message: fmt.Sprint(panicked)}
		}
	}()
	var asked question
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(&asked); err != nil {
		return answer{Code: "oracle", Message: err.Error()}
	}
	version := ast.RegoV1
	if asked.V0 {
		version = ast.RegoV0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	options := []func(*rego.Rego){
		rego.Query(asked.Query),
		rego.SetRegoVersion(version),
		rego.StrictBuiltinErrors(asked.Strict),
		rego.Store(inmem.NewFromObject(asked.Data)),
		rego.Time(time.Unix(1700000000, 0)),
	}
	for path, source := range asked.Modules {
		options = append(options, rego.Module(path, source))
	}
	if asked.Input != nil {
		options = append(options, rego.Input(*asked.Input))
	}
	set, err := rego.New(options...).Eval(ctx)
	if err != nil {
		return answer{Code: code(err), Message: err.Error()}
	}
	results := []result{}
	for _, one := range set {
		values := []any{}
		for _, expression := range one.Expressions {
			values = append(values, expression.Value)
		}
		results = append(results, result{Expressions: values, Bindings: one.Bindings})
	}
	return answer{Results: results}
}

func code(err error) string {
	var several ast.Errors
	if errors.As(err, &several) && len(several) > 0 {
		return several[0].Code
	}
	var many rego.Errors
	if errors.As(err, &many) && len(many) > 0 {
		return code(many[0])
	}
	var evaluation *topdown.Error
	if errors.As(err, &evaluation) {
		return evaluation.Code
	}
	var one *ast.Error
	if errors.As(err, &one) {
		return one.Code
	}
	return "unknown"
}
