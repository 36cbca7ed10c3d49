package javadiff

import "fmt"

// frame is what every applet has: the log of values that its response carries,
// the fuel that bounds its work, and a way to throw a checked exception.
const frame = `    static byte[] log;
    static short used, sum, fuel;
    static Base[] objects;

    static void out(short v) {
        sum = (short) ((short) (sum * 31) + v);
        if (used < 200) {
            used = Util.setShort(log, used, v);
        }
    }

    static boolean tick() {
        if (fuel <= 0) {
            return true;
        }
        fuel--;
        return false;
    }

    static void check(short v) throws Fault {
        if ((v & 3) == 1) {
            throw new Fault(v);
        }
    }

    public static void install(byte[] b, short o, byte l) {
        new App().register();
    }

    private App() {
        log = new byte[220];
        objects = new Base[4];
        objects[0] = new Left((short) 5);
        objects[1] = new Right((short) -6);
        objects[2] = new Leaf((short) 700);
    }
`

// tail answers with the log, or with 6F01 when the card ran out of memory.
const tail = `        } catch (SystemException e) {
            ISOException.throwIt((short) 0x6F01);
        } catch (Boom e) {
            out(e.code);
        } catch (ArithmeticException e) {
            out((short) 1001);
        } catch (ArrayIndexOutOfBoundsException e) {
            out((short) 1002);
        } catch (NullPointerException e) {
            out((short) 1003);
        } catch (NegativeArraySizeException e) {
            out((short) 1004);
        } catch (ClassCastException e) {
            out((short) 1005);
        } catch (ArrayStoreException e) {
            out((short) 1006);
        }
        dump();
        Util.setShort(log, used, sum);
        Util.arrayCopyNonAtomic(log, (short) 0, b, (short) 0, (short) (used + 2));
        apdu.setOutgoingAndSend((short) 0, (short) (used + 2));
    }
`

// app is the applet: count functions that commands call by P1.
func (g *gen) app(count int) source {
	g.open("public class App extends Applet")
	g.out.WriteString(frame)
	statics := g.statics()
	g.functions = nil
	for i := range count {
		f := function{fmt.Sprintf("App.f%d", i), g.scalar(), []kind{kShort, kShort}}
		g.scope = append([]variable(nil), statics...)
		g.method("static ", f, false)
		g.functions = append(g.functions, f)
	}
	g.process()
	g.dump(statics)
	g.close()
	return g.take("App")
}

// statics declares static fields with initial values.
func (g *gen) statics() (list []variable) {
	add := func(k kind, name, value string, fixed bool) {
		g.line("static %s %s = %s;", k, name, value)
		list = append(list, variable{"App." + name, k, fixed})
	}
	add(kShort, "s0", g.literal(kShort), false)
	add(kByte, "b0", g.literal(kByte), false)
	add(kBool, "z0", g.literal(kBool), false)
	add(kBytes, "tb", "{1, -2, 127, -128, 0}", true)
	add(kShorts, "ts", "{300, -1, 32767, -32768}", true)
	add(kBools, "tz", "{true, false, true}", true)
	if g.ints {
		add(kInt, "n0", g.literal(kInt), false)
		add(kInts, "tn", "{1, -100000, 2147483647}", true)
	}
	return list
}

func (g *gen) process() {
	g.open("public void process(APDU apdu)")
	g.line("if (selectingApplet()) return;")
	g.line("byte[] b = apdu.getBuffer();")
	g.line("apdu.setIncomingAndReceive();")
	g.line("used = 0; sum = 0; fuel = 200;")
	g.line("short x = Util.getShort(b, (short) 5), y = Util.getShort(b, (short) 7);")
	g.open("try")
	g.open("switch (b[2])")
	for i, f := range g.functions {
		call := fmt.Sprintf("f%d(x, y)", i)
		switch f.result {
		case kBool:
			call = fmt.Sprintf("%s ? (short) 1 : (short) 0", call)
		case kInt:
			call = fmt.Sprintf("half(%s)", call)
		}
		g.line("case %d: out(%s); break;", i, call)
	}
	g.close()
	g.indent--
	g.out.WriteString(tail)
}

// dump writes the method that logs the static state.
func (g *gen) dump(statics []variable) {
	if g.ints {
		g.line("static short half(int n) { out((short) (n >> 16)); return (short) n; }")
	}
	g.open("static void dump()")
	for _, v := range statics {
		value := func(name string, k kind) string {
			switch k {
			case kBool:
				return fmt.Sprintf("(%s ? (short) 1 : (short) 0)", name)
			case kInt:
				return fmt.Sprintf("half(%s)", name)
			}
			return name
		}
		if v.kind <= kInt {
			g.line("out(%s);", value(v.name, v.kind))
		} else {
			g.line("for (short i = 0; i < %s.length; i++) out(%s);", v.name, value(v.name+"[i]", v.kind.element()))
		}
	}
	g.line("for (short i = 0; i < (short) 4; i++) if (objects[i] != null) { out(objects[i].x); out(objects[i].y); }")
	g.close()
}
