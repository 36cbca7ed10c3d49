// accepted int
package inkan.lang.slots;

public class Case {
    static short turns(short[] a, boolean c, int n) {
        short r = 0;
        while (c) {
            if (n > 5) {
                int k = n * 70000;
                n = k;
            } else {
                short k = a[0];
                r = a[k];
            }
            c = r == 1;
        }
        return r;
    }

    static int both(short p, short[] a) {
        short s;
        int n = 70000;
        if (a[0] == 1) n = (int) (p = a[1]) * n;
        if (a[1] == 1) n += (int) (s = a[2]) * a[s];
        return n + a[p];
    }

    static int reversed(short p, short[] a, int n) {
        n = a[0] == 1 ? (int) (p >>= a[1]) : n;
        return n + a[p];
    }

    static int choice(short p, short[] a, int n) {
        n = a[0] == 1 ? n : (int) (p >>= a[1]);
        return n + a[p];
    }
}
