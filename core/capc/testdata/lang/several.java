// refused 5: the dividend may not fit in a short
package inkan.lang.several;

public class Case {
    static short f(short a, short b) { return (short) ((a + b) / 2); }
    static short g(short a, short b, byte[] c) { return c[a + b]; }
    static Object h() { return "x"; }
}
