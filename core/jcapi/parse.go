package jcapi

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// parse reads the form that api.txt describes in its head.
func parse(text []byte) ([]*Package, error) {
	var packages []*Package
	var class *Class
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		var err error
		switch {
		case len(words) == 4 && words[0] == "package":
			var p *Package
			p, err = parsePackage(words)
			packages, class = append(packages, p), nil
		case len(words) == 7 && words[0] == "class" && packages != nil:
			p := packages[len(packages)-1]
			if class, err = parseClass(words); err == nil {
				class.Package = p
				p.Classes = append(p.Classes, class)
				p.byName[class.Name] = class
			}
		case class != nil && len(words) > 0:
			err = class.parseMember(words)
		default:
			err = fmt.Errorf("unknown record %q", strings.TrimSpace(line))
		}
		if err != nil {
			return nil, fmt.Errorf("jcapi: line %d: %w", number, err)
		}
	}
	return packages, nil
}

func parsePackage(words []string) (*Package, error) {
	aid, err := hex.DecodeString(words[2])
	if err != nil {
		return nil, err
	}
	major, minor, _ := strings.Cut(words[3], ".")
	p := &Package{Name: words[1], AID: aid, byName: map[string]*Class{}}
	if p.Major, err = parseByte(major); err != nil {
		return nil, err
	}
	p.Minor, err = parseByte(minor)
	return p, err
}

func parseClass(words []string) (c *Class, err error) {
	c = &Class{Name: words[2]}
	if c.Token, err = parseByte(words[1]); err != nil {
		return nil, err
	}
	if c.Since, err = parseByte(words[3]); err != nil {
		return nil, err
	}
	var ok bool
	if c.Access, ok = parseAccess(words[4]); !ok {
		return nil, fmt.Errorf("access %q", words[4])
	}
	if words[5] != "-" {
		c.Super = words[5]
	}
	if words[6] != "-" {
		c.Interfaces = strings.Split(words[6], ",")
	}
	return c, nil
}

func (c *Class) parseMember(words []string) error {
	if words[0] == "const" && len(words) == 5 {
		value, err := strconv.ParseInt(words[3], 10, 32)
		if err != nil {
			return err
		}
		since, err := parseByte(words[4])
		c.Constants = append(c.Constants, Constant{words[1], words[2], int32(value), since})
		return err
	}
	if len(words) != 6 {
		return fmt.Errorf("member record %q", strings.Join(words, " "))
	}
	token, err := parseByte(words[1])
	if err != nil {
		return err
	}
	since, err := parseByte(words[4])
	if err != nil {
		return err
	}
	access, ok := parseAccess(words[5])
	if !ok {
		return fmt.Errorf("access %q", words[5])
	}
	switch words[0] {
	case "static", "virtual":
		c.Methods = append(c.Methods, Method{words[0] == "static", token, words[2], words[3], since, access})
	case "staticfield":
		c.StaticFields = append(c.StaticFields, Field{token, words[2], words[3], since, access})
	default:
		return fmt.Errorf("unknown member %q", words[0])
	}
	return nil
}

func parseByte(s string) (byte, error) {
	n, err := strconv.ParseUint(s, 10, 8)
	return byte(n), err
}
