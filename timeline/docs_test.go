package timeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// typeConstants are the values of the constants of type Type in types.go, as the source
// has them: a list kept by hand would forget the next one too.
func typeConstants(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			if id, ok := value.Type.(*ast.Ident); !ok || id.Name != "Type" {
				continue
			}
			for _, x := range value.Values {
				text, err := strconv.Unquote(x.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
		}
	}
	return out
}

func TestEveryEventTypeIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	types := typeConstants(t)
	if len(types) == 0 {
		t.Fatal("found no event types in types.go")
	}
	for _, name := range types {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/events.md does not tell of `%s`", name)
		}
	}
}
