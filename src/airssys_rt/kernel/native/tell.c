/* The twin of `tell`: see kernel/ref.py.

   To a busy actor with a queue, and to an idle one while a carrier is awake: neither calls Python
   code, so no other thread and no signal handler comes in between. */

#include "speed.h"

static PyObject *
pure_tell(PyObject *self, PyObject *msg)
{
    return PyObject_CallFunctionObjArgs(S.pure_tell, self, msg, NULL);
}

PyObject *
speed_tell(PyObject *self, PyObject *msg)
{
    if (!LOADED()) {
        return NULL;
    }
    PyObject *cell = SLOT(self, ref__cell);
    if (cell == NULL || !IS_CELL(cell)) {
        return pure_tell(self, msg);
    }
    PyObject *box = SLOT(cell, cell_box);
    if (Py_IS_TYPE(box, S.deque)) {
        return S.deque_append(box, msg);
    }
    if (box != Py_None) {
        return pure_tell(self, msg);
    }
    PyObject *scheduler = SLOT(cell, cell_scheduler);
    if (!IS_SCHEDULER(scheduler)) {
        return pure_tell(self, msg);
    }
    PyObject *push = SLOT(scheduler, scheduler_push), *ready = SLOT(scheduler, scheduler_ready);
    if (!PyCFunction_CheckExact(push) || PyCFunction_GET_SELF(push) != ready
        || PyCFunction_GET_FUNCTION(push) != S.deque_append || !Py_IS_TYPE(ready, S.deque)) {
        return pure_tell(self, msg); /* no carrier is awake */
    }
    PUT(cell, cell_first, msg); /* lets go of EMPTY, which lives on */
    PUT(cell, cell_box, cell);
    return S.deque_append(ready, cell);
}
