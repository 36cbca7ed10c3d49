// accepted
package inkan.lang.compound;

public class Case {
    static short f(short a) { a += (short) -32768; return a; }
    static short g(short a) { return a -= (short) -32768; }
    static byte h(byte a) { a += (short) -32768; return a; }
}
