// accepted int
package inkan.lang.ints;

public class Case {
    static int mean(short a, short b) { return (a + b) / 2; }
    static boolean less(short a, short b) { return a - b < 0; }
    static short pick(short a) { switch (a + 1) { case 40000: return 1; case -5: return 2; default: return 3; } }
    static int cond(boolean c, short a) { return c ? a : 70000; }
    static int swap(int[] x, short i) { int t = x[i]; x[i] = x[(short) (i + 1)]++; return t + (x[i] += 3); }
    static short count(int n) { short r = 0; for (int i = 0; i < n; i += 1000) r++; return r; }
    short field;
    static byte shared;
    int both(int v, short[] c) {
        short s; int i, j, k, l;
        i = s = (short) v;
        j = field = (short) v;
        k = shared = (byte) v;
        l = c[1] = (short) (v + 1);
        return i + j + k + l + s;
    }

    static int chain(short s) { int a, b; a = b = s; return a * b; }
}
