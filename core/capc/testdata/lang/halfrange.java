// refused 6: constant that does not fit in a short
package inkan.lang.halfrange;

public class Case {
    static short accepted(short a) { a += (short) -32768; return a; }
    static short f(short a) { return (short) (a - 32768); }
}
