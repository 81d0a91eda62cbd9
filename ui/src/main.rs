//! The screens: one bundle for the browser and for the window of the desktop program.

mod app;
mod carrier;
mod desk;
mod pages;
mod parts;
mod route;
mod words;
mod written;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
